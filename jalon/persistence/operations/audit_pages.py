"""What people did, page by page, the latest first. Deadlines that took effect stand in the timelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the audit. `about` is an entity, a person, or the name of a chain such as `stop/STORE/charges`."""

    id: int
    store: str
    about: str
    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    action: str
    rule: str | None
    reason: str | None
    data: Mapping[str, Any]


_COLUMNS = "id, store_id, entity_id, at, recorded_at, actor, role, action, rule, reason, data"
# What acts of several stores are about has a chain in each, under a name that begins alike.
_OF_ONE = text(
    f"""select {_COLUMNS} from audit where (entity_id = :about or entity_id > :about || '/' and entity_id < :about || '0')
        and id < :before and role not in ('system', 'entity') order by id desc limit :limit"""
)
# Each store by its own index, so that a store of few acts costs no more than one of many.
_OF_STORES = text(
    f"""select a.* from unnest(cast(:stores as text[])) s(store) cross join lateral (
            select {_COLUMNS} from audit where store_id = s.store and id < :before and role not in ('system', 'entity')
            order by id desc limit :limit) a
        order by a.id desc limit :limit"""
)


async def page(
    tx: AsyncConnection, stores: Sequence[str], limit: int, *, about: str | None = None, after: int | None
) -> list[Act]:
    """What people did in these stores, or `about` one thing alone, before the entry `after`."""
    asked = {"stores": list(stores), "about": about, "limit": limit, "before": after or 2**63 - 1}
    found = await tx.execute(_OF_STORES if about is None else _OF_ONE, asked)
    return [Act(*row) for row in found]
