"""Smaller records in memory; the model of `jalon.persistence.entities.records`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from jalon.domain.kinds import KINDS
from jalon.persistence.entities.records import OUTAGE, SILENCE, Availability, Document
from jalon.rehearsal.sim.modelled.database import Transaction

__all__ = [
    "Document",
    "availability_around",
    "freeze_terms",
    "frozen_terms",
    "is_over",
    "keep_document",
    "note_rest",
    "purge",
    "read_document",
    "read_policy",
    "read_terms",
    "view_of",
]


async def note_rest(tx: Transaction, entity: str, busy: bool) -> None:
    """Records whether an entity has effects under way."""
    row = tx.db.entities.get(entity)
    if row is not None:
        row.busy = busy


async def availability_around(tx: Transaction, store: str, at: datetime, live: bool) -> Availability:
    """Outages of the API around a deadline, and whether the API is silent now (G7)."""
    db, day = tx.db, timedelta(days=1)
    near = [each for each in sorted(db.outages) if each[1] > at - day and each[0] < at + 40 * day]
    if not live or db.doors_seen_at is None:
        return Availability(tuple(near), False)
    silence = db.now() - db.doors_seen_at
    if silence > OUTAGE:
        near.append((db.doors_seen_at, db.now()))
    return Availability(tuple(near), SILENCE < silence <= OUTAGE)


async def frozen_terms(tx: Transaction, entity: str, occurrence: str) -> Any | None:
    """The terms frozen for this occurrence, or None."""
    return tx.db.frozen.get((entity, occurrence))


async def freeze_terms(tx: Transaction, store: str, entity: str, occurrence: str, body: Any) -> None:
    """Freezes terms once."""
    tx.db.frozen.setdefault((entity, occurrence), json.loads(json.dumps(body)))
    tx.db.frozen_at.setdefault((entity, occurrence), tx.db.now())


async def keep_document(
    tx: Transaction, store: str, document: Document, kind: str, at: datetime
) -> tuple[str, str]:
    """Stores the document once for each entity, kind and language."""
    kept = tx.db.documents.setdefault((document.entity, kind, document.language), document)
    return kept.id, kept.sha256


async def read_document(tx: Transaction, document: str) -> Document | None:
    """The document with this id."""
    return next((each for each in tx.db.documents.values() if each.id == document), None)


async def read_policy(tx: Transaction, store: str, policy_hash: str) -> dict[str, Any]:
    """No version of a policy is kept: a simulated contract is a few bytes, which name no vendor."""
    return {}


async def read_terms(tx: Transaction, *wanted: str) -> dict[str, bytes]:
    """No text is kept: a simulated contract has no annexes."""
    return {}


async def purge(tx: Transaction, entity: str) -> None:
    """Deletes what was kept for the customer's use."""
    for named in [named for named in tx.db.documents if named[:2] == (entity, "customer_data")]:
        del tx.db.documents[named]


async def is_over(tx: Transaction, entity: str) -> bool:
    """Whether the entity has ended."""
    row = tx.db.entities.get(entity)
    return row is not None and row.status in KINDS.named(row.kind).final


async def view_of(tx: Transaction, entity: str) -> dict[str, Any] | None:
    """The recorded view of the entity."""
    row = tx.db.entities.get(entity)
    return None if row is None else row.view
