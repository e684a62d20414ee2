"""E-mails of a running subscription: renewal, its stop, the end and the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import refusal_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails.base import AboutOrder, Link, Purpose
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class SubscriptionEmail(AboutOrder):
    """About one running subscription, of `quantity` licences."""

    link: ClassVar[Link | None] = "portal"
    subscription_number: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class RenewalNotice(SubscriptionEmail):
    """What renews, when and at what price, and until when it can be stopped (D14, D15, C1).

    `price` is the whole next term's amount; the next term runs from `renews_at` to `next_term_until`. A notice that leaves when the
    renewal can no longer be stopped binds nobody (X15): it names `price_if_late`, and `stop_by` is None. One that is the first to reach
    its reader leaves `lead` to stop, counted from when it leaves where that is late (`strict`: less than `lead` before the cutoff); past
    the start of the term too where the charge `waits` (X16). `renewed`: the next term has begun when it leaves.
    """

    template: ClassVar[str] = "renewal_notice"
    calendar: ClassVar[str] = "stop_by"
    purpose: ClassVar[Purpose] = "stop"
    unsaid: ClassVar[frozenset[str]] = frozenset({"price_if_late", "lead", "strict", "waits"})
    price: Money
    renews_at: datetime
    next_term_until: datetime
    stop_by: datetime | None
    price_if_late: Money
    lead: str | None = None
    strict: bool = False
    waits: bool = False
    renewed: bool = False

    def as_of(self, at: datetime, zone: str) -> RenewalNotice:
        """The notice with the way out that is open when it leaves, or without; of what took place, once the next term began."""
        close = self.stop_by
        if close is None:
            return self
        if self.lead is not None:
            lead = Duration.parse(self.lead)
            close = refusal_closes_at(at, close, lead, Calendar(zone), strict=self.strict)
            close = close if self.waits else min(close, self.renews_at)
        renewed = at >= self.renews_at
        if at >= close:
            return replace(self, price=self.price_if_late, stop_by=None, renewed=renewed)
        return replace(self, stop_by=close, renewed=renewed)


@dataclass(frozen=True, kw_only=True)
class RenewalStopped(SubscriptionEmail):
    """The renewal is off: usable until `term_until` (H25), data kept until `data_until` (D17, X4).

    `resume_by`: until when the renewal can be switched on again, None when it no longer can. `receipt` is the number of the request.
    """

    template: ClassVar[str] = "renewal_stopped"
    purpose: ClassVar[Purpose] = "resume"
    term_until: datetime
    data_until: datetime
    resume_by: datetime | None = None
    receipt: str | None = None

    def as_of(self, at: datetime, zone: str) -> RenewalStopped:
        """The e-mail without the way back, once that is closed."""
        closed = self.resume_by is not None and at >= self.resume_by
        return replace(self, resume_by=None) if closed else self


@dataclass(frozen=True, kw_only=True)
class RenewalResumed(SubscriptionEmail):
    """The renewal is on again: the facts of the notice, `stop_by` None once it is committed. `receipt` is the number of the request."""

    template: ClassVar[str] = "renewal_resumed"
    calendar: ClassVar[str] = "stop_by"
    purpose: ClassVar[Purpose] = "stop"
    price: Money
    renews_at: datetime
    stop_by: datetime | None
    receipt: str | None = None

    def as_of(self, at: datetime, zone: str) -> RenewalResumed:
        """The e-mail without the way out, once that is closed (D15)."""
        closed = self.stop_by is not None and at >= self.stop_by
        return replace(self, stop_by=None) if closed else self


@dataclass(frozen=True, kw_only=True)
class Renewed(SubscriptionEmail):
    """A new term began and was charged (D14, G8). `charged` is None for a free one.

    `over`: the e-mail leaves after that term, since its payment, or the e-mail, was late.
    """

    template: ClassVar[str] = "renewed"
    term_starts_at: datetime
    term_until: datetime
    charged: Money | None = None
    over: bool = False

    def as_of(self, at: datetime, zone: str) -> Renewed:
        """The e-mail about a past term, once that term is over (X21)."""
        return replace(self, over=at >= self.term_until)


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnded(SubscriptionEmail):
    """The right to use closed at `term_until`; data is kept until `data_until` (X4), None where it went with the term.

    `unpaid`: the last term was never paid (X3), and that is why it ended. `free_since`: the start of a last term that was never charged,
    since no notice of it had reached the customer in time (X16); `receipt` is the number of the request that ended such a term.
    `data_gone`: the e-mail leaves after `data_until`.
    """

    template: ClassVar[str] = "subscription_ended"
    term_until: datetime
    data_until: datetime | None = None
    unpaid: bool = False
    free_since: datetime | None = None
    receipt: str | None = None
    data_gone: bool = False

    def as_of(self, at: datetime, zone: str) -> SubscriptionEnded:
        """The e-mail about data that is gone, once its time is over (X4)."""
        return replace(self, data_gone=self.data_until is not None and at >= self.data_until)


@dataclass(frozen=True, kw_only=True)
class PurgeWarning(SubscriptionEmail):
    """The data of a stopped subscription goes at `data_until`. `term_until` is the end of its term, None once it has ended."""

    template: ClassVar[str] = "purge_warning"
    data_until: datetime
    term_until: datetime | None = None
