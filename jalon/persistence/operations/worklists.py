"""Worklists of support, operations and compliance: delayed orders, missing notices, holds."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.statuses import AWAITED_NEWS, OrderStatus
from jalon.domain.transition import AuditEntry
from jalon.persistence.entities.entities import Entity

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
_LOCK_CHAIN = text("select pg_advisory_xact_lock(hashtextextended(:entity, 0))")
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


async def holds(tx: AsyncConnection, limit: int, after: tuple[str, str] | None = None) -> list[Entity]:
    """Orders on export hold, and subscriptions of which a new admin or a user is held (X19), each by its oldest hold and the oldest first.

    Of those after `after`, an instant and an id.
    """
    since, last = after or (None, None)
    return _entities(await tx.execute(_HOLDS, {"limit": limit, "since": since, "after": last}))


async def record_audit(tx: AsyncConnection, store: str, entity: str, entry: AuditEntry) -> None:
    """Adds an audit entry to an entity for an action outside its workflow, such as reading evidence.

    What has no row of its own has a chain named with a slash, such as `stop/STORE/charges`.
    """
    await tx.execute(_LOCK_CHAIN if "/" in entity else _LOCK_ENTITY, {"entity": entity})
    await _audit(tx, store, entity, entry)


async def record_audit_of_person(tx: AsyncConnection, store: str, party: str, entry: AuditEntry) -> None:
    """Adds an audit entry to a person's own chain, for a change of the person."""
    await tx.execute(_LOCK_PERSON, {"entity": party})
    await _audit(tx, store, party, entry)


async def _audit(tx: AsyncConnection, store: str, entity: str, entry: AuditEntry) -> None:
    facts = to_jsonable_python(entry) | {"store": store, "entity": entity, "at": entry.at}
    await tx.execute(_AUDIT, facts | {"data": json.dumps(entry.data)})
