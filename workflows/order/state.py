"""The state of an order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from jalon.domain.kinds import ORDER, Kind
from jalon.domain.money import Money
from jalon.domain.order import Cart, Placement
from jalon.domain.statuses import OrderStatus
from jalon.domain.terms import CartTerms, OrderTerms, StoreTerms
from workflows.engine.state import EntityState
from workflows.shared_steps.holds import Hold
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import Payment


@dataclass
class Cancellation:
    """A request to cancel that waits for the answers of the order's lines: its receipt, who is still to answer, and who keeps the line."""

    receipt: str
    awaited: list[str]
    kept: list[str] = field(default_factory=list)


@dataclass
class OrderState(EntityState):
    """The state of an order, from cart to completed."""

    kind: ClassVar[Kind[Any]] = ORDER

    status: OrderStatus = OrderStatus.NEW
    number: str = ""
    created_at: datetime | None = None
    cart: Cart | None = None
    cart_terms: CartTerms | None = None
    cart_store: StoreTerms | None = None
    products: tuple[str, ...] = ()
    software_classes: tuple[str, ...] = ()
    total: Money | None = None
    placement: Placement | None = None
    placements: int = 0
    placed_at: datetime | None = None
    terms: OrderTerms | None = None
    certificate: str | None = None
    reminded_at: datetime | None = None
    cleared_at: datetime | None = None
    hold: Hold | None = None
    waits: list[tuple[datetime, datetime]] = field(default_factory=list)
    waiting_since: datetime | None = None
    delayed_at: datetime | None = None
    declined_at: datetime | None = None
    payment: Payment | None = None
    mandate: Mandate | None = None
    secured_at: datetime | None = None
    reported: int = 0
    lines: dict[str, str] = field(default_factory=dict)
    cancel_reason: str | None = None
    cancel_requested_at: datetime | None = None
    cancellation: Cancellation | None = None
    cancellations: int = 0
    completed_at: datetime | None = None

    def names_of(self, party: str) -> str | None:
        """The record of the names that the buyer gave with this cart (X18)."""
        return self.cart.buyer_names if self.cart is not None and self.cart.buyer == party else None
