"""Events of payment providers, kept as they came. The provider and its event id are the key."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_EVENT = text(
    """insert into provider_event (id, provider, body) values (:id, :provider, cast(:body as jsonb))
       on conflict (provider, id) do nothing"""
)


async def keep_provider_event(tx: AsyncConnection, event: str, provider: str, body: bytes) -> bool:
    """Stores a provider's event as received. False when the event is already stored."""
    inserted = await tx.execute(_EVENT, {"id": event, "provider": provider, "body": body.decode()})
    return inserted.rowcount > 0
