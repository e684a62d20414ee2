"""Stalled steps: database steps and workflow tasks that an internal fault blocks. They are retried for ever and shown to operators."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.parking import fingerprint

_NOTE = text(
    """insert into stalled (store_id, entity_id, step, cause, fingerprint) values (:store, :entity, :step, :cause, :fingerprint)
       on conflict (entity_id, step) do update
           set cause = excluded.cause, fingerprint = excluded.fingerprint, seen_at = clock_timestamp()"""
)
STANDS = """s.seen_at > clock_timestamp() - interval '5 minutes'
            and not exists (select 1 from transition t where t.entity_id = s.entity_id and t.recorded_at > s.seen_at)"""
"""The condition that a note `s` still holds.

A stalled step is retried every few seconds, and of thousands of failing tasks each is seen again within minutes. A reset or a late attempt
may leave a note that nothing renews.
"""

_OF_ENTITY = text(
    f"""select step, cause, fingerprint, since from stalled s
        where entity_id = :entity and {STANDS} order by since, step"""
)
# Each store has a clock of its own. Its instant is found first, so that the index of what is due takes it.
_LATE = text(
    """with clocks as materialized (
           select s.id, coalesce(c.now, now() - make_interval(secs => :rest)) as until
           from unnest(cast(:stores as text[])) s(id) left join test_clock c on c.store_id = s.id)
       (select store_id, entity_kind as kind, entity_id as id from receipt
        where state = 'pending' and accepted_at < clock_timestamp() - interval '10 seconds' order by seq limit :most)
       union
       (select store_id, kind, id from entity e
        where busy and not exists (select 1 from transition t where t.entity_id = e.id
                                   and t.recorded_at > clock_timestamp() - make_interval(secs => :rest))
        order by (select seen_at from stalled s where s.entity_id = e.id and s.step = :step) nulls first, random() limit :most)
       union
       (select e.store_id, e.kind, e.id
        from clocks cross join lateral (select store_id, kind, id from entity
                                        where store_id = clocks.id and next_due_at <= clocks.until offset 0) e
        order by (select seen_at from stalled s where s.entity_id = e.id and s.step = :step) nulls first, random() limit :most)"""
)
_FAILING = text(f"select entity_id from stalled s where store_id = :store and step = :step and {STANDS}")
_CLEAR = text("delete from stalled where entity_id = :entity and step = :step")


WORKFLOW_TASK = "workflow_task"
"""The step of an entity whose workflow task fails: its run cannot even reach a step."""
LATE_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class LateEntity:
    """An entity with a receipt, an effect or an entry of its agenda that has waited longer than it should."""

    store: str
    kind: str
    id: str


async def late(tx: AsyncConnection, stores: Collection[str], rest_seconds: float = 20.0) -> list[LateEntity]:
    """Entities of the stores that may be unable to go on, at most LATE_AT_MOST of each sort; of many, those not seen for longest.

    An entity with an effect under way is late once it has recorded nothing for `rest_seconds`.
    """
    rows = await tx.execute(
        _LATE, {"stores": list(stores), "most": LATE_AT_MOST, "rest": rest_seconds, "step": WORKFLOW_TASK}
    )
    return [LateEntity(row.store_id, row.kind, row.id) for row in rows]


async def failing_workflow_tasks(tx: AsyncConnection, store: str) -> list[str]:
    """The entities of the store whose workflow task fails, as it was last seen."""
    return list(await tx.scalars(_FAILING, {"store": store, "step": WORKFLOW_TASK}))


async def note(tx: AsyncConnection, store: str, entity: str, step: str, cause: str) -> None:
    """Records that a step of the entity fails until `cause` is repaired. Equal steps and causes share a fingerprint."""
    group = fingerprint(step, cause)
    row = {"store": store, "entity": entity, "step": step, "cause": cause, "fingerprint": group}
    await tx.execute(_NOTE, row)


async def clear(tx: AsyncConnection, entity: str, step: str) -> None:
    """Deletes the note of a step that succeeded, if there is one."""
    await tx.execute(_CLEAR, {"entity": entity, "step": step})


@dataclass(frozen=True, slots=True)
class Stalled:
    """A step that is retried for ever; `since` is real time, in UTC."""

    step: str
    cause: str
    fingerprint: str
    since: datetime


async def of_entity(tx: AsyncConnection, entity: str) -> list[Stalled]:
    """The entity's stalled steps, the oldest first."""
    rows = await tx.execute(_OF_ENTITY, {"entity": entity})
    return [Stalled(row.step, row.cause, row.fingerprint, row.since.astimezone(UTC)) for row in rows]
