"""Events of payment providers, kept as they came. The provider and its event id are the key."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_EVENT = text(
    """insert into provider_event (id, provider, body, unreadable) values (:id, :provider, :body, :unreadable)
       on conflict (provider, id) do nothing"""
)


async def keep_provider_event(
    tx: AsyncConnection, event: str, provider: str, body: bytes, unreadable: str | None = None
) -> bool:
    """Stores a provider's event as received, with the reason where it cannot be read. False when the event is already stored."""
    kept = {"id": event, "provider": provider, "body": body, "unreadable": unreadable}
    inserted = await tx.execute(_EVENT, kept)
    return inserted.rowcount > 0
