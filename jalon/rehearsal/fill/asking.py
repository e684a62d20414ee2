"""What a read of a filled database asks: the stores in scope, and an order among them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import Parties
from jalon.rehearsal.fill.rows import email_of, number_of

LIMIT_MS = 20.0


@dataclass(frozen=True, slots=True)
class Sample:
    """An order with a subscription that a read asks for; `buyer` and `holder` are e-mail addresses."""

    store: str
    order: str
    subscription: str
    number: str
    sku: str
    buyer: str
    holder: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What one repetition of a read asks: the stores in scope, and an order among them."""

    tx: AsyncConnection
    stores: Sequence[str]
    parties: Parties
    sample: Sample


@dataclass(frozen=True, slots=True)
class Read:
    """A read by the name that the table shows, and the longest that it may take at the median, in milliseconds.

    `bounded` is False where it looks at every row by its nature.
    """

    name: str
    ask: Callable[[Asked], Awaitable[Any]]
    bounded: bool = True
    limit_ms: float = LIMIT_MS


_SAMPLES = text(
    """select o.store_id, o.id, s.id as subscription, o.number, s.view->>'sku' as sku, o.buyer_id, o.created_at,
              s.view#>>'{seats,0,party}' as holder
       from entity o join entity s on s.order_id = o.id where o.kind = 'order' order by md5(o.id) limit :many"""
)


async def samples(tx: AsyncConnection, many: int) -> list[Sample]:
    """Orders of the transaction's stores, spread over all of them, the same at every call."""
    found = await tx.execute(_SAMPLES, {"many": many})
    return [
        Sample(
            row.store_id,
            row.id,
            row.subscription,
            row.number,
            row.sku,
            email_of(row.store_id, number_of(row.buyer_id)),
            email_of(row.store_id, number_of(row.holder)),
            row.created_at,
        )
        for row in found
    ]
