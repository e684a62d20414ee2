"""The state of a subscription."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from activities.contracts.mail import MailRequest
from jalon.domain.kinds import SUBSCRIPTION, Kind
from jalon.domain.projections import ChargeWait, VoidCause
from jalon.domain.seats import seat_numbers
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.terms import ExportTerms, LineTerms, NoticeByLaw, StoreTerms
from workflows.engine.agenda import Entry
from workflows.engine.state import EntityState, known
from workflows.shared_steps.holds import Hold
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import Payment
from workflows.subscription.seat import Agreed, Seat, number_of, seats_of, standing


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

    `settle_by` is the end of the time to settle a payment, where an outage or a parked step moved it (G7). `recovery_over` is that deadline
    once it is reached and while the provider is asked (X17).

    `warned_until` is the date that the warning of the purge named: the data goes no sooner (D17).

    `mandate` is what terms are charged under, `given_up` are mandates that are needed no more and not released yet.

    `buyer` is who bought, for good (X18); `admin` who manages it now, since `admin_since` and by the transfer `admin_by`, where the buyer
    has not always done so. Of the `transfers` so far, `transfer` is the pending one.

    `export` is set where the order was screened; so many `screenings` of people who joined later were begun.

    There are `seat_count` seats, numbered as `seat_numbers` says; `seats` holds those that somebody has or had, so that free ones cost
    nothing. `fewer_told` is the number of seats of the next term that the admin was told of, where they are fewer, and `fewer_tellings`
    counts how often the admin was told (X25).
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
    screenings: int = 0
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
    settle_by: datetime | None = None
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
    recovery_over: Entry | None = None
    ended_at: datetime | None = None
    retained_until: datetime | None = None
    warned_until: datetime | None = None
    seat_count: int = 0
    seats: dict[int, Seat] = field(default_factory=dict)
    fewer_told: int | None = None
    fewer_tellings: int = 0
    reported: int = 0

    def __post_init__(self) -> None:
        """A state of an earlier release names no admin, who was the buyer then."""
        self.admin = self.admin or self.buyer

    def seat_of(self, party: str) -> Seat | None:
        """The seat that a person has, or that is reserved for them."""
        return next((seat for seat in self.seats.values() if seat.party == party), None)

    @property
    def held(self) -> list[Seat]:
        """The seats that somebody has, or that are reserved for somebody, by number."""
        return [seat for _, seat in sorted(self.seats.items()) if seat.state != "free"]

    @property
    def on_hold(self) -> list[tuple[Transfer | Seat, Hold]]:
        """The transfer and the seats that wait for reviewers, each with its hold, the oldest first (X19)."""
        waiting: list[Transfer | Seat] = [*self.held]
        if self.transfer is not None:
            waiting.append(self.transfer)
        found = [(each, each.hold) for each in waiting if each.hold is not None]
        return sorted(found, key=lambda pair: (pair[1].opened_at, pair[1].turn))

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of all seats."""
        return seat_numbers({seat.number for seat in self.held}, self.seat_count)

    def free_seat(self, wanted: int | None) -> Seat | None:
        """A seat that nobody has: the wanted one, else the first; None where there is none."""
        for number in self.numbers:
            seat = self.seats.get(number) or Seat(number)
            if seat.state == "free" and wanted in (None, number):
                return seat
        return None

    def leaving(self, seat_count: int) -> list[Seat]:
        """The seats that somebody loses, by number, where only so many are left (X25)."""
        return sorted(sorted(self.held, key=standing)[seat_count:], key=number_of)

    @property
    def next_seat_count(self) -> int | None:
        """The seats of the next term by the terms that bind it; None where nothing renews."""
        return seats_of(self.binding) if self.renews else None

    @property
    def renews(self) -> bool:
        """Whether the next term follows the running one (D14)."""
        automatic = self.line is not None and self.line.renewal.automatic
        return self.status is SubscriptionStatus.ACTIVE and automatic and self.stop_requested_at is None

    @property
    def leaving_at_renewal(self) -> list[Seat]:
        """The seats that somebody loses at the renewal as it stands, by number."""
        return [] if self.next_seat_count is None else self.leaving(self.next_seat_count)

    @property
    def choose_by(self) -> datetime:
        """The first instant at which it is too late to name who stays: the cutoff, and the new term's start at the latest (X25)."""
        return min(known(self.stop_by), known(self.term_end))

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
