"""What an entity knows, in one serialisable place; it is all that is carried from run to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from activities.contracts import MailRequest, ReceivedCommand
from jalon.domain.money import Money
from jalon.domain.order import Cart, Placement
from jalon.domain.statuses import OrderStatus, Status, SubscriptionStatus, check_move
from jalon.domain.terms import CartTerms, LineTerms, OrderTerms, StoreTerms
from workflows.engine.agenda import Agenda

Known = TypeVar("Known")


EDITABLE = frozenset({"method", "party", "countries", "fields"})
"""What an operator may change in a parked step's input; ids and keys never."""


@dataclass
class Parked:
    """A step that cannot go on. `fingerprint` groups equal causes; `request` is what an operator may edit."""

    step: str
    cause: str
    fingerprint: str
    since: datetime
    real_since: datetime
    request: dict[str, Any]
    actor: str = "system"
    reason: str | None = None


@dataclass
class EntityState:
    """What every entity knows. `last_receipt` is the highest seq applied; `now` the instant of what is being handled.

    `backlog` and `clock_at` come from the run before: messages not applied yet, and how far a test clock has come.
    """

    store: str
    id: str
    live: bool
    now: datetime
    status: Status = OrderStatus.NEW
    seq: int = 0
    last_receipt: int = 0
    agenda: Agenda = field(default_factory=Agenda)
    parked: dict[str, Parked] = field(default_factory=dict)
    park_requested: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, MailRequest] = field(default_factory=dict)
    backlog: list[ReceivedCommand] = field(default_factory=list)
    clock_at: datetime | None = None

    def move_to(self, status: Status) -> None:
        """Moves on to a status. Raises IllegalMove, a fault of ours, where it does not follow the present one."""
        check_move(self.status, status)
        self.status = status


@dataclass
class Payment:
    """Where a payment stands, for people: state, the reference at the provider, the decline code, where the buyer acts."""

    state: str
    generation: int
    reference: str | None = None
    code: str | None = None
    url: str | None = None
    confirm_by: datetime | None = None


@dataclass
class Hold:
    """An export hold and what reviewers said of it, by person."""

    opened_at: datetime
    reasons: tuple[dict[str, Any], ...]
    decisions: dict[str, str] = field(default_factory=dict)


@dataclass
class OrderState(EntityState):
    """An order's facts, from cart to completed."""

    status: OrderStatus = OrderStatus.NEW
    number: str = ""
    created_at: datetime | None = None
    cart: Cart | None = None
    cart_terms: CartTerms | None = None
    cart_store: StoreTerms | None = None
    products: tuple[str, ...] = ()
    total: Money | None = None
    placement: Placement | None = None
    placements: int = 0
    placed_at: datetime | None = None
    terms: OrderTerms | None = None
    certificate: str | None = None
    cleared_at: datetime | None = None
    hold: Hold | None = None
    waits: list[tuple[datetime, datetime]] = field(default_factory=list)
    waiting_since: datetime | None = None
    delayed_at: datetime | None = None
    declined_at: datetime | None = None
    payment: Payment | None = None
    mandate: str | None = None
    secured_at: datetime | None = None
    reported: int = 0
    lines: dict[str, str] = field(default_factory=dict)
    cancel_reason: str | None = None


@dataclass
class Seat:
    """An assignable unit: free, invited (reserved for its invitation, X7) or assigned."""

    number: int
    state: str = "free"
    party: str | None = None
    invitation: int = 0
    invited_at: datetime | None = None
    open_until: datetime | None = None


@dataclass
class SubscriptionState(EntityState):
    """A subscription's facts. `term` counts from 0; `anchor` is the instant its first term began (G4)."""

    status: SubscriptionStatus = SubscriptionStatus.NEW
    order_id: str = ""
    number: str = ""
    buyer: str = ""
    purchase_order_number: str | None = None
    billing_address: str | None = None
    ordered_at: datetime | None = None
    news_by: datetime | None = None
    delayed_at: datetime | None = None
    news_sent: bool = False
    line: LineTerms | None = None
    terms: StoreTerms | None = None
    method: str = ""
    mandate: str | None = None
    paid: bool = False
    generation: int = 1
    payment: Payment | None = None
    first_failure_at: datetime | None = None
    document: str | None = None
    document_sha256: str | None = None
    steps_done: dict[str, datetime] = field(default_factory=dict)
    evidence: str | None = None
    activation_by: datetime | None = None
    anchor: datetime | None = None
    term: int = 0
    term_open: bool = False
    term_start: datetime | None = None
    term_end: datetime | None = None
    stop_by: datetime | None = None
    stop_requested_at: datetime | None = None
    renewal_committed_at: datetime | None = None
    past_due_since: datetime | None = None
    ended_at: datetime | None = None
    retained_until: datetime | None = None
    seats: list[Seat] = field(default_factory=list)
    reported: int = 0


def known(value: Known | None) -> Known:
    """A fact that this point of the life always knows; LookupError, our bug, when it is missing."""
    if value is None:
        raise LookupError("a fact of the lifecycle is missing")
    return value
