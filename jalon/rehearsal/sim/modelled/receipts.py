"""Receipts in memory; the model of `jalon.persistence.inbox.receipts`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from jalon.rehearsal.sim.modelled.database import Transaction


async def lock_inbox(tx: Transaction, entity: str) -> None:
    """Does nothing: a transaction of the model runs at one instant, so no other can intervene."""


async def record(tx: Transaction, request: NewReceipt, at: datetime | None, spent: float) -> Receipt | None:
    """The receipt, or None when its idempotency key was taken."""
    db = tx.db
    named = (request.store, request.principal, request.idempotency_key)
    if named in db.by_key:
        return None
    entity = db.entities.get(request.entity)
    receipt = Receipt(
        seq=db.number("receipt"),
        id=request.id,
        store=request.store,
        kind=request.kind,
        entity=request.entity,
        command=request.command,
        body=json.loads(json.dumps(request.body)),
        actor=request.actor,
        role=request.role,
        fingerprint=request.fingerprint,
        received_at=at if at is not None else db.now() - timedelta(seconds=spent),
        state="pending",
        deferred=False,
        outcome=None,
        view=None,
        after=entity.seq if entity is not None else 0,
    )
    db.by_key[named] = receipt.id
    db.receipts[receipt.id] = receipt
    db.accepted_at[receipt.id] = db.now()
    for call in db.receipt_recorded:
        call(receipt)
    return receipt


async def find(tx: Transaction, receipt: str) -> Receipt | None:
    """The receipt with this id."""
    return tx.db.receipts.get(receipt)


async def pending(tx: Transaction, store: str, entity: str) -> list[Receipt]:
    """The receipts of the entity that may not have been applied yet, in receipt order."""
    db = tx.db
    found = [
        receipt
        for receipt in db.receipts.values()
        if receipt.store == store
        and receipt.entity == entity
        and (receipt.state == "pending" or receipt.id not in db.delivered)
    ]
    return sorted(found, key=lambda receipt: receipt.seq)


async def confirm(tx: Transaction, delivered: Sequence[Receipt]) -> dict[str, Receipt]:
    """Marks receipts that are in the workflow's history as delivered."""
    known = [receipt.id for receipt in delivered if receipt.id in tx.db.receipts]
    tx.db.delivered.update(known)
    return {id_: tx.db.receipts[id_] for id_ in known}


async def defer(tx: Transaction, receipt: str) -> None:
    """Records that the caller was answered 202."""
    found = tx.db.receipts.get(receipt)
    if found is not None and found.state == "pending":
        tx.db.receipts[receipt] = replace(found, deferred=True)


async def refuse(tx: Transaction, receipt: str, outcome: dict[str, Any]) -> None:
    """Refuses a receipt of an entity that has ended."""
    found = tx.db.receipts.get(receipt)
    if found is not None and found.state == "pending":
        for call in tx.db.settled:
            call(found, False, outcome)
        tx.db.receipts[receipt] = replace(found, state="refused", outcome=json.loads(json.dumps(outcome)))
        tx.db.delivered.add(receipt)
