"""Worklists of support, operations and compliance: delayed orders, parked steps, holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.statuses import AWAITED_NEWS, OrderStatus
from jalon.domain.transition import AuditEntry
from jalon.persistence.entities.entities import Entity
from jalon.persistence.operations.stalled import STANDS

SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class ParkedCause:
    """Steps that stopped for one cause. `entities` holds the ids that are parked longest, `count` is the number of all.

    `since` is the store's time. `stalled` steps are not for an operator to resolve: they are retried for ever and continue
    once the cause is repaired. Their `since` is real time.
    """

    fingerprint: str
    step: str
    cause: str
    count: int
    since: datetime
    stalled: bool
    entities: list[dict[str, Any]]


_COLUMNS = "store_id, id, kind, status, view"
# The index of late orders names the same statuses. In processing, a line may still wait for its contract.
_LATE = ", ".join(f"'{status}'" for status in sorted({*AWAITED_NEWS, OrderStatus.PROCESSING}))
# The limit of one keeps the lookup of lines by their index: without it all lines would be read for it at once.
_DELAYED = f"""select {_COLUMNS}, view->>'delayed_at' as since from entity
        where kind = 'order' and view->>'delayed_at' is not null and status in ({_LATE})
          and (status <> '{OrderStatus.PROCESSING}'
               or (select true from entity line where line.order_id = entity.id and line.status = 'pending_activation'
                                                  and line.view->>'delayed_at' is not null limit 1))
          and (cast(:since as text) is null or (view->>'delayed_at', id) > (:since, :after))
        order by view->>'delayed_at', id limit :limit"""
_UNANNOUNCED = f"""select {_COLUMNS}, view->>'notice_missing_since' as since from entity
        where kind = 'subscription' and view->>'notice_missing_since' is not null
          and (cast(:since as text) is null or (view->>'notice_missing_since', id) > (:since, :after))
        order by view->>'notice_missing_since', id limit :limit"""
# Each list by its own index, of which no more is read than the page takes.
_TASKS = text(f"({_DELAYED}) union all ({_UNANNOUNCED}) order by since, id limit :limit")
_PARKED = text(
    f"""with stopped as (
            select p->>'fingerprint' as fingerprint, p->>'step' as step, p->>'cause' as cause, p->>'since' as since,
                   p->>'reason' as reason, false as stalled, e.id, e.store_id, e.kind, e.number, e.status
            from entity e cross join lateral jsonb_array_elements(e.view->'parked') p where e.parked > 0
            union all
            select s.fingerprint, s.step, s.cause, to_char(s.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   null, true, s.entity_id, s.store_id, e.kind, e.number, e.status
            from stalled s left join entity e on e.id = s.entity_id where {STANDS}
        )
        select fingerprint, split_part(min(step), '/', 1) as step, min(cause) as cause, count(*) as parked,
               min(since::timestamptz) as since, bool_or(stalled) as stalled,
               (jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'store', store_id, 'number', number, 'status', status,
                                             'step', step, 'since', since, 'reason', reason)
                          order by since, id) filter (where nth <= :shown)) as entities
        from (select *, row_number() over (partition by fingerprint order by since, id) as nth from stopped) numbered
        group by fingerprint order by count(*) desc, min(since)"""
)
# Each kind by its own index.
_HOLDS = text(
    f"""with held as (
            select {_COLUMNS}, view->'hold'->>'opened_at' as since from entity
            where kind = 'order' and status = 'export_hold'
            union all
            select {_COLUMNS}, view->'holds'->0->>'opened_at' from entity
            where kind = 'subscription' and person_held
        )
        select {_COLUMNS} from held
        where cast(:since as text) is null or (since, id) > (:since, :after)
        order by since, id limit :limit"""
)
_LOCK_ENTITY = text("select 1 from entity where id = :entity for update")
_LOCK_PERSON = text("select 1 from party where id = :entity for update")
_AUDIT = text(
    """insert into audit (store_id, entity_id, at, actor, role, action, rule, reason, data)
       values (:store, :entity, :at, :actor, :role, :action, :rule, :reason, cast(:data as jsonb))"""
)


def _entities(rows: Any) -> list[Entity]:
    return [Entity(row.store_id, row.id, row.kind, row.status, row.view) for row in rows]


async def tasks_of_support(
    tx: AsyncConnection, limit: int, after: tuple[str, str] | None = None
) -> list[Entity]:
    """What waits for support, the longest waiting first, of those after `after`, an instant and an id.

    These are orders that went without news for too long and still have none (T10), and subscriptions of whose renewal no notice has
    reached the customer (X16).
    """
    since, last = after or (None, None)
    return _entities(await tx.execute(_TASKS, {"limit": limit, "since": since, "after": last}))


async def parked(tx: AsyncConnection) -> list[ParkedCause]:
    """Parked and stalled steps by cause, the most frequent first."""
    return [
        ParkedCause(
            row.fingerprint,
            row.step,
            row.cause,
            row.parked,
            row.since,
            row.stalled,
            row.entities,
        )
        for row in await tx.execute(_PARKED, {"shown": SHOWN_AT_MOST})
    ]


async def holds(tx: AsyncConnection, limit: int, after: tuple[str, str] | None = None) -> list[Entity]:
    """Orders on export hold, and subscriptions of which a new admin or a user is held (X19), each by its oldest hold and the oldest first.

    Of those after `after`, an instant and an id.
    """
    since, last = after or (None, None)
    return _entities(await tx.execute(_HOLDS, {"limit": limit, "since": since, "after": last}))


async def record_audit(tx: AsyncConnection, store: str, entity: str, entry: AuditEntry) -> None:
    """Adds an audit entry to an entity for an action outside its workflow, such as reading evidence."""
    await tx.execute(_LOCK_ENTITY, {"entity": entity})
    await _audit(tx, store, entity, entry)


async def record_audit_of_person(tx: AsyncConnection, store: str, party: str, entry: AuditEntry) -> None:
    """Adds an audit entry to a person's own chain, for a change of the person."""
    await tx.execute(_LOCK_PERSON, {"entity": party})
    await _audit(tx, store, party, entry)


async def _audit(tx: AsyncConnection, store: str, entity: str, entry: AuditEntry) -> None:
    facts = to_jsonable_python(entry) | {"store": store, "entity": entity, "at": entry.at}
    await tx.execute(_AUDIT, facts | {"data": json.dumps(entry.data)})
