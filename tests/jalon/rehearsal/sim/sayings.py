"""The script's requests, transitions and messages, and the functions that pass them to either side."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from jalon.domain.transition import AuditEntry, EntityMessage, TimelineEntry, Transition
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from tests.jalon.persistence.conftest import AT, transition
from tests.jalon.rehearsal.sim.sides import Side

TICK, DAY = timedelta(microseconds=1), timedelta(days=1)


def asked(store: str, entity: str, key: str = "1", principal: str = "key_1") -> NewReceipt:
    """A request with an id of its own."""
    body = {"quantity": 3, "because": "größer", "lines": [1, None]}
    return NewReceipt(
        new_id("receipt"), store, "order", entity, "cancel", body, "ana", "support", principal, key, b"\0body"
    )


def told(store: str, entity: str, seq: int, event: str, status: str = "cart", **more: Any) -> Transition:
    """A transition with one line of the timeline and one of the audit."""
    line, act = TimelineEntry(AT, event, "P5", "ana", {"n": seq}), AuditEntry(AT, "ana", "ops", event)
    return transition(store, entity, seq, status, **({"timeline": (line,), "audit": (act,)} | more))


def begin(other: str, key: str = "begin/0", at: datetime = AT + TICK) -> EntityMessage:
    """A message to a subscription."""
    return EntityMessage(key, "subscription", other, "begin", at, {"x": [1, None]})


async def offer(
    side: Side, request: NewReceipt, at: datetime | None = AT, spent: float = 0.0
) -> Receipt | None:
    """The request's receipt, or None where its key was taken."""
    async with side.sessions.of(request.store) as tx:
        await side.receipts.lock_inbox(tx, request.entity)
        receipt: Receipt | None = await side.receipts.record(tx, request, at, spent)
    return receipt


async def taken(side: Side, request: NewReceipt, at: datetime | None = AT, spent: float = 0.0) -> Receipt:
    """The request's receipt. Raises LookupError where its key was taken."""
    receipt = await offer(side, request, at, spent)
    if receipt is None:
        raise LookupError(f"the key {request.idempotency_key} was taken")
    return receipt


async def write(side: Side, *steps: Transition) -> list[int]:
    """Records the transitions one by one and returns their epochs."""
    epochs = []
    for step in steps:
        async with side.sessions.of(step.store) as tx:
            epochs.append(await side.transitions.record(tx, step))
    return epochs


async def find(side: Side, store: str, receipt: str) -> Receipt | None:
    """The receipt with this id."""
    async with side.sessions.of(store) as tx:
        found: Receipt | None = await side.receipts.find(tx, receipt)
    return found


async def pending(side: Side, store: str, entity: str) -> list[str]:
    """The ids of the pending receipts."""
    async with side.sessions.of(store) as tx:
        return [each.id for each in await side.receipts.pending(tx, store, entity)]
