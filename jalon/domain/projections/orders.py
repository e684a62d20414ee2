"""The projection of an order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jalon.domain.money import Money
from jalon.domain.projections.parts import WHERE_KNOWN, EntityFacts, HaltedStep, HoldProjection, ParkedStep
from jalon.domain.statuses import OrderStatus


class LineOutcome(StrEnum):
    """The outcome of a line's subscription, as its order records it."""

    PENDING = "pending"
    ACTIVE = "active"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line. Its frozen terms are set from the placement on, `subscription` and `outcome` once the subscription was begun."""

    sku: str
    quantity: int
    term: str
    licence_kind: str
    product: str | None = field(default=None, metadata=WHERE_KNOWN)
    price: Money | None = field(default=None, metadata=WHERE_KNOWN)
    amount: Money | None = field(default=None, metadata=WHERE_KNOWN)
    subscription: str | None = field(default=None, metadata=WHERE_KNOWN)
    outcome: LineOutcome | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts(EntityFacts):
    """The fields of an order for every reader: the cart, the terms, the status and what the order waits for.

    `terms_sha256` and `policy_hash` identify the frozen terms (G6), from the placement on.
    """

    status: OrderStatus
    standing: OrderStatus
    language: str | None
    country: str | None
    audience: str | None
    currency: str | None
    lines: tuple[OrderLine, ...]
    total: Money | None
    created_at: datetime | None
    placed_at: datetime | None
    declined_at: datetime | None
    cancel_requested_at: datetime | None
    terms_sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProjection(OrderFacts):
    """An order as its workflow answers and PostgreSQL stores it: people and personal records are ids.

    `secured_at` is when its payment was taken, or its mandate stored; `completed_at`, when its first line was active and none pending.
    `due_now` is what its placement asks to be paid at once, None where nothing is charged before the activation. `changed_since_placed`:
    the cart is another than its buyer confirmed: its lines, its currency, its buyer, their audience or their country.
    """

    buyer: str | None
    buyer_names: str | None
    certificate: str | None
    hold: HoldProjection | None
    parked: tuple[ParkedStep, ...]
    secured_at: datetime | None = None
    completed_at: datetime | None = None
    due_now: Money | None = None
    changed_since_placed: bool = False
    halted: tuple[HaltedStep, ...] = ()
