"""The projection of a subscription."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.projections.parts import EntityFacts, HaltedStep, HoldProjection, ParkedStep
from jalon.domain.seats import seat_numbers
from jalon.domain.statuses import Standing, SubscriptionStatus
from jalon.domain.terms import ActivationStep, TermsDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """One activation step, in the order of the steps; `done_at` is None until the step is done."""

    step: ActivationStep
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A contract, or its signed copy; `sha256` of its exact bytes."""

    id: str
    sha256: str


class ChargeAt(StrEnum):
    """When the first term is charged."""

    ORDER = "order"
    ACTIVATION = "activation"


class VoidCause(StrEnum):
    """Why a line lapsed before it was active: not activated in time (P5), never paid (X3), or cancelled with its order."""

    NOT_ACTIVATED = "not_activated"
    UNPAID = "unpaid"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """Whether a seat is free, reserved while its person is checked (X19) or invited, or assigned."""

    FREE = "free"
    HELD = "held"
    INVITED = "invited"
    ASSIGNED = "assigned"


SEATS_SHOWN = 100
"""The seats that stand in a subscription's own answer, from the first; all are read page by page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFacts:
    """An assignable unit: free, held since `held_since` while its person is checked (X19), invited until `open_until` (X7) or assigned.

    `invitation` is the number of the invitation by which its person came, None where the seat is free or was assigned at once. Another
    one may be sent from `invitable_at` on, at any time where that is None (T3). `assigned_at` is when its person got it, None unless it
    is assigned.
    """

    number: int
    state: SeatState
    invitation: int | None
    invited_at: datetime | None
    open_until: datetime | None
    invitable_at: datetime | None = None
    assigned_at: datetime | None = None
    held_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatProjection(SeatFacts):
    """A seat with the id of the person who has it, or for whom it is reserved."""

    party: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FewerSeats:
    """A renewal with fewer seats than are given (X25). It takes effect at `at`, the start of the next term, which has `seat_count` seats.

    `staying` are the seats that the admin named to stay, before `choose_by`, the first instant at which it is too late; `leaving` are
    those that are lost as it stands: of those not named, the ones that were assigned last.
    """

    at: datetime
    seat_count: int
    choose_by: datetime
    staying: tuple[int, ...]
    leaving: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFacts:
    """A transfer of the administration to a new person that waits for them, until `accept_by` (X11). `number` counts the transfers.

    From `agreed_at` on it waits for nobody's acceptance, but to be processed; then it may be on hold (X19).
    """

    number: int
    asked_at: datetime
    accept_by: datetime
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProjection(TransferFacts):
    """A pending transfer with the id of the person who may accept it, or whose screening it waits for."""

    party: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits for the person to accept."""
        return self.agreed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHold(HoldProjection):
    """A hold of a person who joins what was cleared: of the user of a `seat`, or where that is None of the new admin (X19).

    `names` is the record of the names that were screened (X18), None where an operator skipped that.
    """

    party: str
    names: str | None = None
    seat: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeWait:
    """What the charge of the running term waits for since it began: a notice of the renewal that reaches the customer (X16).

    `until` is set once one did: the first instant at which the renewal can no longer be refused, at which the charge is made.
    """

    what: Literal["renewal_notice"]
    since: datetime
    until: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether the renewal can still be refused at this instant (X16)."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFacts(EntityFacts):
    """The fields of a subscription for every reader: the entitlement, the term, the renewal and what it waits for (P2).

    `term_number` counts from 0. The renewal may be switched before `stop_by` (D15), the first instant at which it may not. Where it is
    stopped now, or was, the subscription can be used until `usable_until`. Both are those of the term that should run, also while a
    charge under way keeps it from starting.
    `next_renewal_at` is None while the renewal is switched off, and after the end; `renewal_amount` is what it then costs at most: what
    the last notice announced, else what was in force when the running term began (X15). Data is kept for `retention` (X4).
    `document` is the contract that is shown and signed, `signed_document` the copy that shows the signature; `terms_documents` are the
    terms of sale of the running term (T11).
    There are `seat_count` seats, numbered from 1; after a renewal with fewer, whoever stays keeps the number of the seat. `fewer_seats`
    is what comes at the next renewal, None where nobody loses a seat by it (X25). `stop_needs_reason`: a stop without a reason is refused
    (H24). `admin_since` is the last switch of the administration, None where the buyer has always had it (H12).
    `notice_missing_since`: since when support has to reach the customer, whom no notice of the renewal has reached; until the new term
    begins the renewal can then be stopped, and its charge may wait, as `charge_waits_for` tells (X16).
    """

    status: SubscriptionStatus
    standing: SubscriptionStatus | Standing
    order_id: str
    sku: str
    product: str
    licence_kind: str
    quantity: int
    term: str
    amount: Money
    ordered_at: datetime
    click_is_signature: bool
    charge_at: ChargeAt
    user_management: bool
    invitation_window: str
    steps: tuple[StepProgress, ...]
    activation_by: datetime | None
    document: Document | None
    signed_document: Document | None = None
    terms_documents: tuple[TermsDocument, ...] = ()
    term_number: int
    term_start: datetime | None
    term_end: datetime | None
    stop_by: datetime | None
    usable_until: datetime | None = None
    stop_needs_reason: bool = False
    stop_requested_at: datetime | None
    renewal_committed_at: datetime | None
    past_due_since: datetime | None
    charge_waits_for: ChargeWait | None = None
    notice_missing_since: datetime | None = None
    next_renewal_at: datetime | None
    renewal_amount: Money | None = None
    retention: str = "P14D"
    ended_at: datetime | None
    retained_until: datetime | None
    seat_count: int
    fewer_seats: FewerSeats | None = None
    admin_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionProjection(SubscriptionFacts):
    """A subscription as its workflow answers and PostgreSQL stores it: people are ids, and `seats` those that somebody has.

    `activated_at` is the start of its first term. `void_cause` and `void_by`, the first closed instant of the missed deadline, are set
    for a void line; one that was cancelled missed none. `buyer` is who bought, for good (X18); `admin` who manages it now, and
    `transfer` what may make somebody else the admin. `holds` wait for reviewers, the oldest first (X19).
    `recovery_over_at`: the time to settle a payment ended then, and the provider is asked whether it was paid before (X17).
    """

    buyer: str
    buyer_names: str | None
    admin: str = ""
    transfer: TransferProjection | None = None
    holds: tuple[PersonHold, ...] = ()
    seats: tuple[SeatProjection, ...]
    parked: tuple[ParkedStep, ...]
    activated_at: datetime | None = None
    void_cause: VoidCause | None = None
    void_by: datetime | None = None
    recovery_over_at: datetime | None = None
    halted: tuple[HaltedStep, ...] = ()

    def __post_init__(self) -> None:
        """A projection of an earlier release names no admin, who was the buyer then, nor how long a running term can be used."""
        if not self.admin:
            object.__setattr__(self, "admin", self.buyer)
        if self.usable_until is None and self.status is SubscriptionStatus.ACTIVE:
            object.__setattr__(self, "usable_until", self.term_end)

    @property
    def activates_before(self) -> datetime | None:
        """The first instant at which no step is taken any more (P5); None where none is set, or a parked e-mail holds the window open."""
        held = any(each.what == Due.ACTIVATION_WINDOW and each.held for each in self.agenda)
        return None if held else self.activation_by

    @property
    def seat_numbers(self) -> Sequence[int]:
        """The numbers of all seats, in order."""
        return seat_numbers({seat.number for seat in self.seats}, self.seat_count)

    @property
    def admin_names(self) -> str:
        """The record of names to call the admin by, or the admin's id: those of the order for its buyer (X18), else the person's own."""
        return (self.buyer_names or self.buyer) if self.admin == self.buyer else self.admin
