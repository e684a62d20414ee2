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
# What acts of several stores are about, a key or a repair, has a chain in each, named by it and the store. Each chain by its own place in
# the index, whatever number the planner expects.
_OF_ONE = text(
    f"""select a.* from unnest(cast(:chains as text[])) c(chain) cross join lateral (
            select {_COLUMNS} from audit where entity_id = c.chain and id < :before and role not in ('system', 'entity')
            order by id desc limit :limit) a
        order by a.id desc limit :limit"""
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
    asked: dict[str, Any] = {"limit": limit, "before": after or 2**63 - 1}
    if about is None:
        found = await tx.execute(_OF_STORES, asked | {"stores": list(stores)})
    else:
        found = await tx.execute(
            _OF_ONE, asked | {"chains": [about, *(f"{about}/{store}" for store in stores)]}
        )
    return [Act(*row) for row in found]
