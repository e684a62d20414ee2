"""The state of a subscription."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from jalon.domain.kinds import SUBSCRIPTION, Kind
from jalon.domain.projections import ChargeWait, VoidCause
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import SEATS_AT_MOST, LineTerms, NoticeByLaw, StoreTerms
from workflows.engine.state import EntityState, known
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import Payment


@dataclass
class Seat:
    """An assignable unit: free, invited (reserved for its invitation, X7) or assigned.

    `invitation` counts how often the seat was offered by invitation, `assignments` how often it was given at all. `offer` is the
    invitation by which the present holder came, None where the seat is free or was assigned at once.
    """

    number: int
    state: str = "free"
    party: str | None = None
    invitation: int = 0
    assignments: int = 0
    offer: int | None = None
    invited_at: datetime | None = None
    open_until: datetime | None = None

    def free(self) -> None:
        """Takes the seat from its holder. The counts go on."""
        self.state, self.party, self.offer, self.open_until = "free", None, None, None


@dataclass
class Transfer:
    """A transfer of the administration that waits for the person `party`, until `accept_by` (X11). `number` counts from 1."""

    number: int
    party: str
    asked_at: datetime
    accept_by: datetime


@dataclass
class Notice:
    """One notice of the renewal: what it announced, to whom, and what became of it (X15, X16).

    `left_at` is set once a mail server took it, or support told the customer in another way. It gives until `refuse_by` to refuse the
    renewal; None where it left when that was over, or too early to count. `failed` is why it reached nobody after all.
    """

    occurrence: str
    party: str
    terms: LineTerms
    asked_at: datetime
    message_id: str | None = None
    left_at: datetime | None = None
    refuse_by: datetime | None = None
    failed: str | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether nobody knows yet what became of it."""
        return self.left_at is None and self.failed is None

    @property
    def is_proof(self) -> bool:
        """Whether it reached the customer while the renewal could be refused."""
        return self.failed is None and self.refuse_by is not None


@dataclass
class SubscriptionState(EntityState):
    """The state of a subscription. `term` counts from 0; `anchor` is the instant its first term began (G4).

    What binds the next term (X15): the terms of the last of `notices` that was taken while the renewal could be stopped, else those
    `in_force` when the running term began. While the charge of the running term waits for a notice, as `charge_waits_for` says, the
    notices are of that term (X16). `returned` holds the reports of e-mails, by Message-ID, that came before their acceptance was known.

    `mandate` is what terms are charged under, `given_up` are mandates that are needed no more and not released yet.

    `buyer` is who bought, for good (X18); `admin` who manages it now, since `admin_since` and by the transfer `admin_by`, where the buyer
    has not always done so. Of the `transfers` so far, `transfer` is the pending one.

    Seats are numbered from 1 to `seat_count`; `seats` holds those that somebody has or had, so that free ones cost nothing.
    """

    kind: ClassVar[Kind[Any]] = SUBSCRIPTION

    status: SubscriptionStatus = SubscriptionStatus.NEW
    order_id: str = ""
    number: str = ""
    buyer: str = ""
    buyer_names: str | None = None
    admin: str = ""
    admin_since: datetime | None = None
    admin_by: int = 0
    transfers: int = 0
    transfer: Transfer | None = None
    consumer: bool = False
    notice_by_law: NoticeByLaw | None = None
    purchase_order_number: str | None = None
    billing_address: str | None = None
    ordered_at: datetime | None = None
    news_by: datetime | None = None
    delayed_at: datetime | None = None
    news_sent: bool = False
    line: LineTerms | None = None
    terms: StoreTerms | None = None
    method: str = ""
    mandate: Mandate | None = None
    given_up: list[Mandate] = field(default_factory=list)
    paid: bool = False
    generation: int = 1
    payment: Payment | None = None
    first_failure_at: datetime | None = None
    document: str | None = None
    document_sha256: str | None = None
    signed_document: str | None = None
    signed_document_sha256: str | None = None
    steps_done: dict[str, datetime] = field(default_factory=dict)
    evidence: str | None = None
    activation_by: datetime | None = None
    anchor: datetime | None = None
    term: int = 0
    term_open: bool = False
    notices: list[Notice] = field(default_factory=list)
    returned: dict[str, str] = field(default_factory=dict)
    notice_missing_since: datetime | None = None
    charge_waits_for: ChargeWait | None = None
    in_force: LineTerms | None = None
    term_start: datetime | None = None
    term_end: datetime | None = None
    stop_by: datetime | None = None
    stop_requested_at: datetime | None = None
    renewal_committed_at: datetime | None = None
    past_due_since: datetime | None = None
    void_cause: VoidCause | None = None
    void_by: datetime | None = None
    ended_at: datetime | None = None
    retained_until: datetime | None = None
    seat_count: int = 0
    seats: dict[int, Seat] = field(default_factory=dict)
    reported: int = 0

    def __post_init__(self) -> None:
        """A state of an earlier release names no admin, who was the buyer then."""
        self.admin = self.admin or self.buyer

    def seat_of(self, party: str) -> Seat | None:
        """The seat that a person has or is invited to."""
        return next((seat for seat in self.seats.values() if seat.party == party), None)

    def free_seat(self, wanted: int | None) -> Seat | None:
        """A seat that nobody has: the wanted one, else the first; None where there is none."""
        numbers = range(1, self.seat_count + 1) if wanted is None else (wanted,)
        for number in numbers:
            seat = self.seats.get(number) or Seat(number)
            if seat.state == "free" and 1 <= number <= self.seat_count:
                return seat
        return None

    @property
    def offered(self) -> LineTerms | None:
        """What a notice on its way announces."""
        return next((each.terms for each in reversed(self.notices) if each.is_under_way), None)

    @property
    def announced(self) -> LineTerms | None:
        """What the last notice announced that was taken while the renewal could be stopped (X15)."""
        return next((each.terms for each in reversed(self.notices) if each.is_proof), None)

    @property
    def binding(self) -> LineTerms:
        """The terms that the next term costs no more than: those last announced, else those in force when this one began (X15)."""
        return self.announced or self.in_force or known(self.line)

    def hold_seats_of(self, line: LineTerms) -> None:
        """Adds the seats of new terms, to SEATS_AT_MOST that people can be given. Those that the terms lack stay with who has them."""
        seats = max(self.seat_count, line.seats)
        self.seat_count = min(seats, SEATS_AT_MOST) if line.user_management else seats

    def names_of(self, party: str) -> str | None:
        """The record of the names under which the order was placed (X18)."""
        return self.buyer_names if self.buyer == party else None

    @property
    def stop_needs_reason(self) -> bool:
        """Whether a stop of the renewal takes a reason (H24). Consumers are asked for one, never held to it (C1)."""
        return self.line is not None and self.line.renewal.stop_needs_reason and not self.consumer
