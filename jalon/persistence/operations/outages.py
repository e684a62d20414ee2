"""Outages of the API, found by missing heartbeats or declared by an operator (G7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage from `started_at` to `ended_at`, of one store or, where `store` is None, of every live store."""

    id: int
    store: str | None
    started_at: datetime
    ended_at: datetime
    source: str
    actor: str
    reason: str
    recorded_at: datetime


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
_LIST = text(f"select {_COLUMNS} from outage order by started_at desc, id desc limit :limit")


def _outage(row: Row[Any]) -> Outage:
    return Outage(
        row.id,
        row.store_id,
        row.started_at,
        row.ended_at,
        row.source,
        row.actor,
        row.reason,
        row.recorded_at,
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


async def list_outages(tx: AsyncConnection, limit: int) -> list[Outage]:
    """Outages of the visible stores, the latest first."""
    return [_outage(row) for row in await tx.execute(_LIST, {"limit": limit})]
