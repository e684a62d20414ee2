"""Recorded by a subscription: its activation, its seats, its terms and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from jalon.domain.events.base import ABSENT, STAFF_ONLY, Absent, Event
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class SubscriptionBegun(Event):
    """An order began the subscription for one of its lines."""

    order: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class StepOpenContract(Event):
    """The customer opened the contract, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class StepClickActivate(Event):
    """The customer clicked Activate, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class StepSign(Event):
    """The customer signed the contract, by the e-mail's link or the portal, as `entry` says."""

    rule: ClassVar[str | None] = "H1"
    entry: str


@dataclass(frozen=True, kw_only=True)
class ActivationReminded(Event):
    """The customer was reminded to activate."""

    rule: ClassVar[str | None] = "P5"
    days_left: int


@dataclass(frozen=True, kw_only=True)
class SubscriptionVoid(Event):
    """The line became void before it was ever active."""

    cause: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class SubscriptionActive(Event):
    """The subscription became active and its first term started."""

    rule: ClassVar[str | None] = "H5"
    term_end: datetime


@dataclass(frozen=True, kw_only=True)
class SeatAssigned(Event):
    """A seat was given to a person."""

    rule: ClassVar[str | None] = "T1"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatInvited(Event):
    """A seat was reserved for a person who must set up an identity first."""

    rule: ClassVar[str | None] = "T2"
    seat: int
    invitation: int


@dataclass(frozen=True, kw_only=True)
class InvitationSent(Event):
    """The invitation was sent, and its hours run from now."""

    rule: ClassVar[str | None] = "T2"
    seat: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationUndeliverable(Event):
    """The mail server refused the invitation for good, and the seat is free again."""

    rule: ClassVar[str | None] = "T3"
    seat: int


@dataclass(frozen=True, kw_only=True)
class SeatReleased(Event):
    """The invitation ran out at `accept_by`, its first closed instant, and the seat is free again."""

    rule: ClassVar[str | None] = "T3"
    seat: int
    invitation: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class SeatRevoked(Event):
    """The account owner took the seat back."""

    rule: ClassVar[str | None] = "H22"
    seat: int


@dataclass(frozen=True, kw_only=True)
class AdminTransferRequested(Event):
    """The admin asked a new person to take over the administration; `accept_by` is the first instant at which it is too late."""

    rule: ClassVar[str | None] = "X11"
    transfer: int
    accept_by: datetime
    new_admin: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class AdminTransferred(Event):
    """The administration passed from `former_admin` to `new_admin`, with everything that the admin may do."""

    rule: ClassVar[str | None] = "H12"
    transfer: int
    former_admin: str = field(metadata=STAFF_ONLY)
    new_admin: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class AdminTransferCalledOff(Event):
    """The admin called the pending transfer off and keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int


@dataclass(frozen=True, kw_only=True)
class AdminTransferLapsed(Event):
    """Nobody accepted the transfer before `accept_by`, its first closed instant, and the admin keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class AdminTransferUndeliverable(Event):
    """The mail server refused the transfer's e-mail for good, and the admin keeps the administration."""

    rule: ClassVar[str | None] = "X11"
    transfer: int


@dataclass(frozen=True, kw_only=True)
class TermStarted(Event):
    """The next term started, on the terms in force for it."""

    rule: ClassVar[str | None] = "D14"
    term: int
    term_end: datetime
    policy: str


@dataclass(frozen=True, kw_only=True)
class RenewalAnnounced(Event):
    """The coming renewal at `renews_at` and its price were announced to the customer, by the notice of this name."""

    rule: ClassVar[str | None] = "D14"
    price: Money
    notice: str
    renews_at: datetime


@dataclass(frozen=True, kw_only=True)
class RenewalNoticeTaken(Event):
    """A mail server took the notice of the renewal, which leaves until `refuse_by` to refuse it: the proof of the notice."""

    rule: ClassVar[str | None] = "X15"
    notice: str
    price: Money
    renews_at: datetime
    refuse_by: datetime | None
    message_id: str = field(metadata=STAFF_ONLY)
    server: str | None = field(metadata=STAFF_ONLY)
    answer: str | None = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class RenewalNoticeFailed(Event):
    """The notice of the renewal reached nobody: a mail server refused it, or it came back after one had taken it."""

    rule: ClassVar[str | None] = "X16"
    notice: str
    code: str = field(metadata=STAFF_ONLY)
    message_id: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class RenewalTold(Event):
    """Support told the customer of the renewal in another way, `how`, which leaves until `refuse_by` to refuse it."""

    rule: ClassVar[str | None] = "X16"
    notice: str
    price: Money
    renews_at: datetime
    refuse_by: datetime
    how: str


@dataclass(frozen=True, kw_only=True)
class RenewalUnannounced(Event):
    """No notice of the renewal has reached the customer, and support has a task."""

    rule: ClassVar[str | None] = "X16"
    support_task: str = "see that the notice reaches the customer"


@dataclass(frozen=True, kw_only=True)
class RenewalKeptOpen(Event):
    """The cutoff passed without a notice that reached the customer, so the renewal can still be stopped."""

    rule: ClassVar[str | None] = "X16"


@dataclass(frozen=True, kw_only=True)
class ChargeWaits(Event):
    """The new term began without a notice that reached the customer, and its charge waits for one, or until `until`."""

    rule: ClassVar[str | None] = "X16"
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RefusalClosed(Event):
    """The time to refuse the renewal is over, and the charge that waited for its notice is made."""

    rule: ClassVar[str | None] = "X16"


@dataclass(frozen=True, kw_only=True)
class RenewalStopped(Event):
    """The customer switched automatic renewal off, under the receipt number `receipt`."""

    rule: ClassVar[str | None] = "D16"
    data_until: datetime
    reason: str | None
    receipt: str | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class RenewalResumed(Event):
    """The customer switched automatic renewal on again, under the receipt number `receipt`."""

    rule: ClassVar[str | None] = "D15"
    receipt: str | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class RenewalCommitted(Event):
    """The cutoff passed, and the renewal can no longer be stopped."""

    rule: ClassVar[str | None] = "D15"


@dataclass(frozen=True, kw_only=True)
class TermEnded(Event):
    """The last moment of the term passed."""

    rule: ClassVar[str | None] = "G8"
    term: int


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderChanged(Event):
    """The customer changed their own number for the purchase."""

    rule: ClassVar[str | None] = "P9"


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnded(Event):
    """The right to use ended; the data stays until `data_until`."""

    rule: ClassVar[str | None] = "D16"
    data_until: datetime


@dataclass(frozen=True, kw_only=True)
class PurgeAnnounced(Event):
    """The customer was warned that the data goes at `data_until`."""

    rule: ClassVar[str | None] = "D17"
    data_until: datetime


@dataclass(frozen=True, kw_only=True)
class DataPurged(Event):
    """The data was destroyed."""

    rule: ClassVar[str | None] = "D17"


StepTaken = StepOpenContract | StepClickActivate | StepSign
STEP_TAKEN: dict[str, type[StepTaken]] = {
    "open_contract": StepOpenContract,
    "click_activate": StepClickActivate,
    "sign": StepSign,
}
"""The event of each activation step."""
