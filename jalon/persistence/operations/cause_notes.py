"""What people say of a cause in one store: a note, an owner, and that it is ignored for a while. Every change is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, worklists

_IGNORED = """n.ignored_at is not null and (n.ignored_until is null or n.ignored_until > clock_timestamp())
             and (n.ignored_more is null or n.ignored_more > (
                 select count(distinct o.entity_id) from cause_occurrence o
                 where o.store_id = n.store_id and o.fingerprint = n.fingerprint and o.recorded_at > n.ignored_at
                   and not exists (select from cause_occurrence b where b.store_id = o.store_id and b.fingerprint = o.fingerprint
                                   and b.entity_id = o.entity_id and b.recorded_at <= n.ignored_at)))"""
IGNORED = f"coalesce({_IGNORED}, false)"
"""The condition that a store ignores the cause of its note `n`: the instant has not come, nor have that many more entities."""


@dataclass(frozen=True, slots=True)
class Ignoring:
    """That a cause is ignored until an instant (real time), or until so many more entities stop for it; by whom, and why."""

    until: datetime | None
    more: int | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CauseNote:
    """What a store says of a cause. `ignored` is None once the cause came back by itself."""

    note: str | None
    owner: str | None
    ignored: Ignoring | None


@dataclass(frozen=True, slots=True)
class Ignore:
    """The wish to ignore a cause."""

    until: datetime | None
    more: int | None
    reason: str


_OF = text(
    f"""select distinct on (n.fingerprint) n.*, {IGNORED} as still from cause_note n
        where n.fingerprint = any(cast(:prints as text[])) order by n.fingerprint, n.changed_at desc"""
)
_CONCERNED = text(
    """select distinct store_id from (select store_id from cause_occurrence where fingerprint = :print
                                      union all select store_id from stuck where fingerprint = :print) s order by store_id"""
)
_BEGIN = text(
    """insert into cause_note (store_id, fingerprint) values (:store, :print) on conflict (store_id, fingerprint) do nothing"""
)
_LOCK = text(
    f"""select n.*, {IGNORED} as still from cause_note n
        where n.store_id = :store and n.fingerprint = :print for update"""
)
_CHANGE = text(
    """update cause_note set note = :note, owner = :owner, changed_at = clock_timestamp()
       where store_id = :store and fingerprint = :print"""
)
_IGNORE = text(
    """update cause_note set ignored_at = clock_timestamp(), ignored_until = :until, ignored_more = :more,
              ignored_reason = :reason, ignored_by = :by where store_id = :store and fingerprint = :print"""
)
_MIND = text(
    """update cause_note set ignored_at = null, ignored_until = null, ignored_more = null, ignored_reason = null, ignored_by = null
       where store_id = :store and fingerprint = :print"""
)


def _note(row: Any) -> CauseNote:
    ignored = (
        Ignoring(row.ignored_until, row.ignored_more, row.ignored_reason, row.ignored_by, row.ignored_at)
        if row.still
        else None
    )
    return CauseNote(row.note, row.owner, ignored)


async def of(tx: AsyncConnection, fingerprints: Sequence[str]) -> dict[str, CauseNote]:
    """The notes of these causes; of several stores in sight, the one that was changed last."""
    return {row.fingerprint: _note(row) for row in await tx.execute(_OF, {"prints": list(fingerprints)})}


async def stores_of(tx: AsyncConnection, fingerprint: str) -> list[str]:
    """The stores in sight that the cause concerns, or concerned."""
    return list(await tx.scalars(_CONCERNED, {"print": fingerprint}))


async def change(
    tx: AsyncConnection,
    store: str,
    fingerprint: str,
    changes: Mapping[str, Any],
    *,
    actor: str,
    role: str,
    reason: str | None = None,
) -> None:
    """Changes what the store says: `note`, `owner`, and `ignore`, an Ignore or None. What is not named stays. Audited."""
    where = {"store": store, "print": fingerprint}
    await tx.execute(_BEGIN, where)
    # The lock also keeps two changes from continuing the same chain of the audit.
    before = _note((await tx.execute(_LOCK, where)).one())
    said = {name: changes.get(name, getattr(before, name)) for name in ("note", "owner")}
    await tx.execute(_CHANGE, where | said)
    ignore = changes.get("ignore")
    if isinstance(ignore, Ignore):
        await tx.execute(_IGNORE, where | asdict(ignore) | {"by": actor})
    elif "ignore" in changes:
        await tx.execute(_MIND, where)
    after = _note((await tx.execute(_LOCK, where)).one())
    entry = AuditEntry(
        await clocks.clock_now(tx, store),
        actor,
        role,
        "change_cause",
        None,
        reason,
        to_jsonable_python({"fingerprint": fingerprint, "before": before, "after": after}),
    )
    # A chain of the audit is one store's, and a cause may be several stores'.
    await worklists.record_audit(tx, store, f"cause/{store}/{fingerprint}", entry)
