"""Entities at rest, documents, frozen terms, and outages of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import KINDS

_BUSY = text("update entity set busy = :busy where id = :entity and busy is distinct from :busy")
_OUTAGES = text(
    """select started_at, ended_at from outage
       where ended_at > cast(:at as timestamptz) - interval '1 day' and started_at < cast(:at as timestamptz) + interval '40 days'
         and (store_id = :store or (store_id is null and :live))
         and not exists (select 1 from outage_withdrawal w where w.outage_id = outage.id) order by started_at"""
)
_SILENCE = text("select max(seen_at) as seen_at, clock_timestamp() as now from api_heartbeat")
_FROZEN = text("select body from frozen_terms where entity_id = :entity and occurrence = :occurrence")
_PLACED = text(
    """select body from frozen_terms
       where entity_id = :order and occurrence like 'placement/%' and body->>'sha256' = :sha256 limit 1"""
)
_FREEZE = text(
    """insert into frozen_terms (store_id, entity_id, occurrence, body) values (:store, :entity, :occurrence, cast(:body as jsonb))
       on conflict (entity_id, occurrence) do nothing"""
)
_POLICY = text(
    """insert into policy_version (store_id, policy_hash, body) values (:store, :hash, cast(:body as jsonb))
       on conflict (store_id, policy_hash) do nothing"""
)
_READ_POLICY = text("select body from policy_version where store_id = :store and policy_hash = :hash")
_TERMS = text(
    """insert into terms_text (store_id, sha256, content) values (:store, :sha256, :content)
       on conflict (store_id, sha256) do nothing"""
)
_READ_TERMS = text("select sha256, content from terms_text where sha256 = any(:wanted)")
_DOCUMENT = text(
    """with kept as (
           insert into document (store_id, id, entity_id, kind, language, sha256, media_type, party_id, body, created_at)
           values (:store, :id, :entity, :kind, :language, :sha256, :media_type, :party, :body, :at)
           on conflict (entity_id, kind, language) do nothing returning id, sha256
       )
       select id, sha256 from kept union all
       select id, sha256 from document where entity_id = :entity and kind = :kind and language = :language limit 1"""
)
_READ_DOCUMENT = text(
    "select id, entity_id, language, sha256, media_type, party_id, body from document where id = :id"
)
_PURGE = text("select purge_data(:entity)")


async def note_rest(tx: AsyncConnection, entity: str, busy: bool) -> None:
    """Records whether an entity of a sandbox store has effects under way."""
    await tx.execute(_BUSY, {"entity": entity, "busy": busy})


OUTAGE = timedelta(minutes=5)
"""A silence of every API process longer than this is an outage (G7)."""
SILENCE = timedelta(seconds=45)
"""Three missed heartbeats: the API may be down, or an outage may have begun."""


@dataclass(frozen=True, slots=True)
class Availability:
    """Outages as (from, to), and whether every API process is silent now for less than an outage."""

    outages: tuple[tuple[datetime, datetime], ...]
    silent: bool


async def availability_around(tx: AsyncConnection, store: str, at: datetime, live: bool) -> Availability:
    """Outages of the API around a deadline at `at`, and whether the API is silent now (G7). Heartbeats count for live stores only.

    Heartbeats are in real time. A silence longer than OUTAGE counts as an outage up to now, even before it is recorded.
    """
    rows = await tx.execute(_OUTAGES, {"store": store, "at": at, "live": live})
    outages = [(row.started_at, row.ended_at) for row in rows]
    if not live:
        return Availability(tuple(outages), False)
    seen = (await tx.execute(_SILENCE)).one()
    silence = seen.now - seen.seen_at if seen.seen_at is not None else timedelta()
    if silence > OUTAGE:
        outages.append((seen.seen_at, seen.now))
    return Availability(tuple(outages), SILENCE < silence <= OUTAGE)


async def frozen_terms(tx: AsyncConnection, entity: str, occurrence: str) -> Any | None:
    """The terms frozen for this placement or term of the entity, or None."""
    return (await tx.execute(_FROZEN, {"entity": entity, "occurrence": occurrence})).scalar_one_or_none()


async def placed_terms(tx: AsyncConnection, order: str, sha256: str) -> Any | None:
    """The terms of this hash that a placement of the order froze, or None."""
    return (await tx.execute(_PLACED, {"order": order, "sha256": sha256})).scalar_one_or_none()


async def freeze_terms(tx: AsyncConnection, store: str, entity: str, occurrence: str, body: Any) -> None:
    """Records frozen terms once. A replay or reset after the store's file changed still uses the recorded terms (G6)."""
    await tx.execute(
        _FREEZE, {"store": store, "entity": entity, "occurrence": occurrence, "body": json.dumps(body)}
    )


async def keep_policies(tx: AsyncConnection, served: Mapping[str, tuple[str, Any]]) -> None:
    """Records once the version of each store's policy: its hash and its body, by store."""
    rows = [
        {"store": store, "hash": policy_hash, "body": json.dumps(body)}
        for store, (policy_hash, body) in served.items()
    ]
    await tx.execute(_POLICY, rows)


async def read_policy(tx: AsyncConnection, store: str, policy_hash: str) -> dict[str, Any]:
    """The store's own section of that version of its policy; empty where the version was never served."""
    found = (await tx.execute(_READ_POLICY, {"store": store, "hash": policy_hash})).scalar_one_or_none()
    return found or {}


async def keep_terms(tx: AsyncConnection, served: Mapping[str, Mapping[str, bytes]]) -> None:
    """Keeps the bytes of terms documents by store and SHA-256, once, for as long as anybody may have accepted them (T12)."""
    rows = [
        {"store": store, "sha256": sha256, "content": content}
        for store, terms in served.items()
        for sha256, content in terms.items()
    ]
    await tx.execute(_TERMS, rows)


async def read_terms(tx: AsyncConnection, *wanted: str) -> dict[str, bytes]:
    """The kept terms documents with these SHA-256, by hash. One that was never served is left out."""
    rows = await tx.execute(_READ_TERMS, {"wanted": list(wanted)})
    return {row.sha256: bytes(row.content) for row in rows}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as shown and signed; `body` is encrypted under the key of `party`."""

    id: str
    entity: str
    language: str
    sha256: str
    media_type: str
    party: str
    body: bytes


async def keep_document(
    tx: AsyncConnection, store: str, document: Document, kind: str, at: datetime
) -> tuple[str, str]:
    """Stores the document once per entity, kind and language. Returns the id and sha256 of the stored document."""
    row = (
        await tx.execute(
            _DOCUMENT,
            {
                "store": store,
                "id": document.id,
                "entity": document.entity,
                "kind": kind,
                "language": document.language,
                "sha256": document.sha256,
                "media_type": document.media_type,
                "party": document.party,
                "body": document.body,
                "at": at,
            },
        )
    ).one()
    return row.id, row.sha256


async def read_document(tx: AsyncConnection, document: str) -> Document | None:
    """The document with this id, still encrypted."""
    row = (await tx.execute(_READ_DOCUMENT, {"id": document})).one_or_none()
    if row is None:
        return None
    return Document(
        row.id, row.entity_id, row.language, row.sha256, row.media_type, row.party_id, bytes(row.body)
    )


async def purge(tx: AsyncConnection, entity: str) -> None:
    """Destroys what was kept for the customer's use, and audits it. Raises DBAPIError while it is retained."""
    await tx.execute(_PURGE, {"entity": entity})


_VIEW = text("select view from entity where id = :id")
_STATUS = text("select kind, status from entity where id = :id")


async def is_over(tx: AsyncConnection, entity: str) -> bool:
    """Whether the entity has ended, so that its workflow accepts no more updates."""
    row = (await tx.execute(_STATUS, {"id": entity})).one_or_none()
    return row is not None and row.status in KINDS.named(row.kind).final


async def view_of(tx: AsyncConnection, entity: str) -> dict[str, Any] | None:
    """The recorded view of the entity, or None."""
    view: dict[str, Any] | None = (await tx.execute(_VIEW, {"id": entity})).scalar_one_or_none()
    return view
