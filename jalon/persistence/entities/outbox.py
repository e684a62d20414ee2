"""The outbox as a feed of events. Every event appears once, always after the events that a reader has seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the feed publishes it."""

    id: int
    store: str
    entity: str
    type: str
    at: datetime
    data: dict[str, Any]


# An id is drawn before its transaction commits, so a lower id may become visible later. An event is published once every transaction that
# was open when it was written has ended. After a minute no older transaction can be open (statement and lock timeouts).
_SINCE = text(
    """select id, store_id, entity_id, type, at, data from outbox
       where id > :after and store_id = any(cast(:stores as text[]))
         and (:settled or recorded_at < clock_timestamp() - interval '1 minute'
              or age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid))
       order by id limit :limit"""
)
_LAST = text("select coalesce(max(id), 0) from outbox where store_id = :store")


async def since(
    tx: AsyncConnection, stores: list[str], after: int, limit: int, *, settled: bool = False
) -> list[Event]:
    """Events of the stores after the one with id `after`, oldest first. Of `settled` stores, where nothing is under way, all of them."""
    asked = {"stores": stores, "after": after, "limit": limit, "settled": settled}
    rows = await tx.execute(_SINCE, asked)
    return [Event(row.id, row.store_id, row.entity_id, row.type, row.at, row.data) for row in rows]


async def last(tx: AsyncConnection, store: str) -> int:
    """The id of the store's newest event, 0 before the first."""
    newest: int = (await tx.execute(_LAST, {"store": store})).scalar_one()
    return newest
