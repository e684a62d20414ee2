"""Outages of the API, found by missing heartbeats or declared by an operator (G7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage from `started_at` to `ended_at`, of one store or, where `store` is None, of every live store.

    One that was declared by mistake is withdrawn: deadlines that come due afterwards do not count it.
    """

    id: int
    store: str | None
    started_at: datetime
    ended_at: datetime
    source: str
    actor: str
    reason: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawal_reason: str | None = None


_COLUMNS = "id, store_id, started_at, ended_at, source, actor, reason, recorded_at"
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended('api_heartbeat', 0))")
_BEAT = text(
    """with last as (select max(seen_at) as seen_at from api_heartbeat),
       silence as (
           insert into outage (store_id, started_at, ended_at, source, actor, reason)
           select null, seen_at, clock_timestamp(), 'heartbeat', 'system', 'no API process was seen'
           from last where seen_at < clock_timestamp() - interval '5 minutes' returning id),
       beat as (
           insert into api_heartbeat (process, seen_at) values (:process, clock_timestamp())
           on conflict (process) do update set seen_at = excluded.seen_at returning process)
       select count(*) from silence"""
)
_FORGET = text(
    "delete from api_heartbeat where process <> :process and seen_at < clock_timestamp() - interval '1 day'"
)
_DECLARE = text(
    f"""insert into outage (store_id, started_at, ended_at, source, actor, reason)
        values (:store, :started, :ended, 'declared', :actor, :reason) returning {_COLUMNS}"""
)
_DECLARE_OF_ALL = text(f"select {_COLUMNS} from declare_outage_of_all(:started, :ended, :actor, :reason)")
_WITH_ITS_WITHDRAWAL = """select o.*, w.recorded_at as withdrawn_at, w.actor as withdrawn_by, w.reason as withdrawal_reason
                          from outage o left join outage_withdrawal w on w.outage_id = o.id"""
_LIST = text(
    f"""{_WITH_ITS_WITHDRAWAL}
        where cast(:after as bigint) is null
           or (o.started_at, o.id) < (select started_at, id from outage where id = :after)
        order by o.started_at desc, o.id desc limit :limit"""
)
_ONE = text(f"{_WITH_ITS_WITHDRAWAL} where o.id = :id")
_WITHDRAW = text(
    """insert into outage_withdrawal (outage_id, actor, reason) values (:id, :actor, :reason)
       on conflict (outage_id) do nothing"""
)
_WITHDRAW_OF_ALL = text("select withdraw_outage_of_all(:id, :actor, :reason)")


def _outage(row: Row[Any]) -> Outage:
    told = row._mapping  # noqa: SLF001 — SQLAlchemy's public name for a row as a mapping
    return Outage(
        row.id,
        row.store_id,
        row.started_at,
        row.ended_at,
        row.source,
        row.actor,
        row.reason,
        row.recorded_at,
        told.get("withdrawn_at"),
        told.get("withdrawn_by"),
        told.get("withdrawal_reason"),
    )


async def beat(tx: AsyncConnection, process: str) -> bool:
    """Records a heartbeat. True when every API process had been silent for 5 minutes; that silence is recorded once as an outage."""
    await tx.execute(_ONE_AT_A_TIME)
    found = (await tx.execute(_BEAT, {"process": process})).scalar_one()
    await tx.execute(_FORGET, {"process": process})
    return bool(found)


async def declare(
    tx: AsyncConnection,
    *,
    store: str | None,
    started_at: datetime,
    ended_at: datetime,
    actor: str,
    reason: str,
) -> Outage:
    """Records an outage that an operator declares, with the operator and the reason."""
    said = {"started": started_at, "ended": ended_at, "actor": actor, "reason": reason}
    statement, of = (_DECLARE_OF_ALL, {}) if store is None else (_DECLARE, {"store": store})
    return _outage((await tx.execute(statement, said | of)).one())


async def read_outage(tx: AsyncConnection, outage: int) -> Outage | None:
    """An outage of the visible stores, None where there is none of this id."""
    row = (await tx.execute(_ONE, {"id": outage})).one_or_none()
    return None if row is None else _outage(row)


async def withdraw(tx: AsyncConnection, outage: Outage, actor: str, reason: str) -> None:
    """Withdraws an outage, with the operator and the reason. The first withdrawal stays."""
    statement = _WITHDRAW_OF_ALL if outage.store is None else _WITHDRAW
    await tx.execute(statement, {"id": outage.id, "actor": actor, "reason": reason})


async def list_outages(tx: AsyncConnection, limit: int, after: int | None = None) -> list[Outage]:
    """Outages of the visible stores, the latest first, of those that are listed after the outage `after`."""
    return [_outage(row) for row in await tx.execute(_LIST, {"limit": limit, "after": after})]
