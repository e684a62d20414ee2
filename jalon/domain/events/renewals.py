"""What happens to the terms of a subscription: they are announced, begin, are stopped, and end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from jalon.domain.events.base import ABSENT, STAFF_ONLY, Absent, Event
from jalon.domain.money import Money


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
