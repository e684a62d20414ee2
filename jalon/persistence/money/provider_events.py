"""Events of payment providers, kept as they came. The provider and its event id are the key."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_EVENT = text("select keep_provider_event(:provider, :id, :body, :unreadable)")


async def keep_provider_event(
    tx: AsyncConnection, event: str, provider: str, body: bytes, unreadable: str | None = None
) -> bool:
    """Stores a provider's event as received, with the reason where it cannot be read. False when the event is already stored."""
    kept = {"id": event, "provider": provider, "body": body, "unreadable": unreadable}
    return bool((await tx.execute(_EVENT, kept)).scalar_one())
