"""Drafts of end-use certificates: what a buyer has filled in and not sent yet, under the buyer's own key (T5)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import Parties

_SAVE = text(
    """insert into certificate_draft (store_id, entity_id, party_id, body) values (:store, :order, :party, :body)
       on conflict (entity_id, party_id) do update set body = excluded.body, saved_at = clock_timestamp()"""
)
_READ = text("select body from certificate_draft where entity_id = :order and party_id = :party")


async def save(
    tx: AsyncConnection, parties: Parties, store: str, order: str, party: str, typed: Mapping[str, str]
) -> None:
    """Keeps what the buyer typed, in place of any former draft for the order. Raises PersonErased."""
    body = await parties.seal_for(tx, party, json.dumps(dict(typed), ensure_ascii=False).encode())
    await tx.execute(_SAVE, {"store": store, "order": order, "party": party, "body": body})


async def read(tx: AsyncConnection, parties: Parties, order: str, party: str) -> dict[str, str]:
    """What the buyer typed for the order so far; empty where there is no draft. Raises PersonErased."""
    sealed = (await tx.execute(_READ, {"order": order, "party": party})).scalar_one_or_none()
    if sealed is None:
        return {}
    typed: dict[str, str] = json.loads(await parties.open_for(tx, party, bytes(sealed)))
    return typed
