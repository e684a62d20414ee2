"""Emergency stops: what an operator stopped in a store, since when and why. The last change of each stays on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.stops import Stop
from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, worklists


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    """Whether something is stopped in a store. `since`, in real time, `actor` and `reason` are those of the last change, if any."""

    store: str
    what: Stop
    stopped: bool = False
    since: datetime | None = None
    actor: str | None = None
    reason: str | None = None


_LIST = text("select store_id, what, stopped, since, actor, reason from emergency_stop")
_IS_STOPPED = text(
    "select exists (select from emergency_stop where store_id = :store and what = :what and stopped)"
)
_BEGIN = text(
    """insert into emergency_stop (store_id, what, stopped, actor, reason) values (:store, :what, false, :actor, :reason)
       on conflict (store_id, what) do nothing"""
)
_LOCK = text("select * from emergency_stop where store_id = :store and what = :what for update")
_CHANGE = text(
    """update emergency_stop set stopped = :stopped, since = clock_timestamp(), actor = :actor, reason = :reason
       where store_id = :store and what = :what returning *"""
)


async def listed(tx: AsyncConnection, stores: tuple[str, ...]) -> list[EmergencyStop]:
    """What is stopped and what is not, for each of these stores."""
    changed = {(row.store_id, row.what): _stop(row) for row in await tx.execute(_LIST)}
    return [changed.get((store, what), EmergencyStop(store, what)) for store in stores for what in Stop]


async def standing(tx: AsyncConnection, store: str) -> list[EmergencyStop]:
    """What is stopped in the store now: what its orders and subscriptions may wait for."""
    return [stop for stop in await listed(tx, (store,)) if stop.stopped]


async def is_stopped(tx: AsyncConnection, store: str, what: Stop) -> bool:
    """Whether it is stopped in the store."""
    return bool(await tx.scalar(_IS_STOPPED, {"store": store, "what": what.value}))


async def change(
    tx: AsyncConnection, store: str, what: Stop, *, stopped: bool, actor: str, role: str, reason: str
) -> EmergencyStop:
    """Stops something, or lifts the stop. Audited with the state before and after; what stands already is left as it is."""
    said = {"store": store, "what": what.value, "actor": actor, "reason": reason}
    await tx.execute(_BEGIN, said)
    # The lock also keeps two changes from continuing the same chain of the audit.
    before = _stop((await tx.execute(_LOCK, said)).one())
    if before.stopped == stopped:
        return before
    after = _stop((await tx.execute(_CHANGE, said | {"stopped": stopped})).one())
    entry = AuditEntry(
        await clocks.clock_now(tx, store),
        actor,
        role,
        "stop" if stopped else "lift_stop",
        None,
        reason,
        to_jsonable_python(
            {"what": what, "before": {"stopped": before.stopped}, "after": {"stopped": after.stopped}}
        ),
    )
    await worklists.record_audit(tx, store, f"stop/{store}/{what}", entry)
    return after


def _stop(row: Row[Any]) -> EmergencyStop:
    return EmergencyStop(row.store_id, Stop(row.what), row.stopped, row.since, row.actor, row.reason)
