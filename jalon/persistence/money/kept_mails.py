"""E-mails of the ledger as they can be read again: what each was rendered from, and to whom it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_READ = text(
    """select store_id, entity_id, message_id, template, party_id, request, at, left_at, accepted_at,
              case when bounced is null then state else 'bounced' end as state
       from mail where entity_id = :entity and message_id = :message"""
)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """An e-mail of the ledger. `request` holds what it is rendered from; `left_at` is None where it has not left."""

    store: str
    entity: str
    message_id: str
    template: str
    party: str
    request: dict[str, Any]
    at: datetime
    left_at: datetime | None
    accepted_at: datetime | None
    state: str


async def read(tx: AsyncConnection, entity: str, message: str) -> KeptMail | None:
    """The e-mail of an entity with this Message-ID; None where there is none, or where nothing was kept of it."""
    row = (await tx.execute(_READ, {"entity": entity, "message": message})).one_or_none()
    if row is None or row.request is None:
        return None
    return KeptMail(
        row.store_id,
        row.entity_id,
        row.message_id,
        row.template,
        row.party_id,
        row.request,
        row.at,
        row.left_at,
        row.accepted_at,
        row.state,
    )
