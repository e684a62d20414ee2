"""Notes of staff about an order or a subscription, sealed under the key of the person whom they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import Parties

_WRITE = text(
    """insert into support_note (store_id, entity_id, party_id, body, actor, role, at)
       values (:store, :entity, :party, :body, :actor, :role, :at) returning id"""
)
_READ = text("select party_id, body, actor, role, at, recorded_at from support_note where id = :id")


@dataclass(frozen=True, slots=True)
class Note:
    """A note. `at` is the store's time, `recorded_at` real time."""

    id: int
    text: str
    actor: str
    role: str
    at: datetime
    recorded_at: datetime


async def write(
    tx: AsyncConnection,
    parties: Parties,
    *,
    store: str,
    entity: str,
    party: str,
    text: str,
    actor: str,
    role: str,
    at: datetime,
) -> int:
    """Adds a note and returns its number. Raises PersonErased."""
    row: dict[str, Any] = {
        "store": store,
        "entity": entity,
        "party": party,
        "actor": actor,
        "role": role,
        "at": at,
    }
    body = await parties.seal_for(tx, party, text.encode())
    return int((await tx.execute(_WRITE, row | {"body": body})).scalar_one())


async def read(tx: AsyncConnection, parties: Parties, note: int) -> Note:
    """The note with this number. Raises PersonErased."""
    row = (await tx.execute(_READ, {"id": note})).one()
    told = await parties.open_for(tx, row.party_id, row.body)
    return Note(note, told.decode(), row.actor, row.role, row.at, row.recorded_at)
