"""The state of a subscription."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from activities.contracts.mail import MailRequest
from jalon.domain.kinds import SUBSCRIPTION, Kind
from jalon.domain.projections import VoidCause
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import INVITATIONS_AT_MOST, SEATS_AT_MOST, ExportTerms, LineTerms, StoreTerms
from workflows.engine.state import EntityState, known
from workflows.shared_steps.holds import Hold
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import Payment


@dataclass
class Seat:
    """An assignable unit: free, invited (reserved for its invitation, X7) or assigned.

    `invitation` counts how often the seat was offered by invitation, `assignments` how often it was given at all. `offer` is the
    invitation by which the present holder came, None where the seat is free or was assigned at once. `offered` are the instants of the
    latest invitations, whoever was invited.
    """

    number: int
    state: str = "free"
    party: str | None = None
    invitation: int = 0
    assignments: int = 0
    offer: int | None = None
    invited_at: datetime | None = None
    open_until: datetime | None = None
    offered: tuple[datetime, ...] = ()

    def count_invitation(self, at: datetime) -> None:
        """Notes an invitation that goes out at this instant."""
        self.invitation += 1
        self.offer = self.invitation
        self.offered = (*self.offered, at)[-max(INVITATIONS_AT_MOST.values()) :]

    @property
    def invitable_at(self) -> datetime | None:
        """From when on another invitation may go out, None where no number of them was used up (T3)."""
        latest = self.offered[::-1]
        return max(
            (
                latest[most - 1] + within
                for within, most in INVITATIONS_AT_MOST.items()
                if len(latest) >= most
            ),
            default=None,
        )

    def free(self) -> None:
        """Takes the seat from its holder. The counts go on."""
        self.state, self.party, self.offer, self.open_until = "free", None, None, None


@dataclass
class Agreed:
    """A switch that only the screening of the new admin still holds back (X19): when it was agreed, by whom, and the receipt to answer."""

    at: datetime
    actor: str
    receipt: str


@dataclass
class Transfer:
    """A transfer of the administration to the person `party`. `number` counts from 1.

    It waits for them until `accept_by` (X11). Once it is `agreed`, it waits for their screening, and where that found a match, for the
    reviewers of the `hold`.
    """

    number: int
    party: str
    asked_at: datetime
    accept_by: datetime
    agreed: Agreed | None = None
    hold: Hold | None = None


@dataclass
class Export:
    """What the order was cleared by: whoever joins later is screened by the same terms (X19). `countries` are those of the order."""

    terms: ExportTerms
    countries: tuple[str, ...]


@dataclass
class SubscriptionState(EntityState):
    """The state of a subscription. `term` counts from 0; `anchor` is the instant its first term began (G4).

    What binds the next term (X15): `announced` are the terms of the last notice that was taken while the renewal could be stopped,
    `offered` those of a notice on its way, `in_force` those in force when the running term began.

    `mandate` is what terms are charged under, `given_up` are mandates that are needed no more and not released yet.

    `buyer` is who bought, for good (X18); `admin` who manages it now, since `admin_since` and by the transfer `admin_by`, where the buyer
    has not always done so. Of the `transfers` so far, `transfer` is the pending one.

    `export` is set where the order was screened.

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
    export: Export | None = None
    consumer: bool = False
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
    offered: LineTerms | None = None
    announced: LineTerms | None = None
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

    def reader_of(self, request: MailRequest) -> str:
        """The person whom an unsent e-mail goes to now: one to the admin follows the administration (H12)."""
        return self.admin if request.to_admin else request.party

    @property
    def stop_needs_reason(self) -> bool:
        """Whether a stop of the renewal takes a reason (H24). Consumers are asked for one, never held to it (C1)."""
        return self.line is not None and self.line.renewal.stop_needs_reason and not self.consumer
