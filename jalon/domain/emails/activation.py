"""E-mails between the order and first use: contract, activation, seats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.due import Due
from jalon.domain.emails.base import AboutOrder, Asks, Link, Milestone, Purpose, invited
from jalon.domain.money import Money

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class ContractReady(AboutOrder):
    """The contract can be read and accepted: "proceed to contract acceptance" (H2, P6).

    `activate_by` counts from the order (P8), None where nothing expires. `charge_on_activation`: what
    is charged then.
    """

    template: ClassVar[str] = "contract_ready"
    asks: ClassVar[Asks | None] = Asks("activate_by", frozenset({Due.ACTIVATION_WINDOW}))
    calendar: ClassVar[str] = "activate_by"
    link: ClassVar[Link | None] = "contract"
    link_required: ClassVar[bool] = True
    quantity: int
    activate_by: datetime | None
    charge_on_activation: Money | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationReminder(AboutOrder):
    """Not activated yet.

    `days_left`: days from today to the last open day: 1 is "tomorrow is the last day", 0 is today.
    """

    template: ClassVar[str] = "activation_reminder"
    asks: ClassVar[Asks | None] = Asks("activate_by", frozenset({Due.ACTIVATION_WINDOW}))
    calendar: ClassVar[str] = "activate_by"
    link: ClassVar[Link | None] = "contract"
    link_required: ClassVar[bool] = True
    quantity: int
    activate_by: datetime
    days_left: int

    def as_of(self, at: datetime, zone: str) -> ActivationReminder:
        """The reminder with the days that are left when it leaves."""
        return replace(self, days_left=days_left(self.activate_by, at, Calendar(zone)))


def days_left(closes_at: datetime, at: datetime, calendar: Calendar) -> int:
    """The days from the local date of `at` to the last open day before a first closed instant; 0 from that day on (G1)."""
    last_day = calendar.local_date(closes_at - _TICK)
    return max((last_day - calendar.local_date(at)).days, 0)


@dataclass(frozen=True, kw_only=True)
class ActivationVoided(AboutOrder):
    """Not activated by `activation_by` (P5), or `unpaid` by then although it was signed (X3): void at no charge, order again.

    `refunded`: what goes back where it had been charged already.
    """

    template: ClassVar[str] = "activation_voided"
    to_shop: ClassVar[bool] = True
    quantity: int
    activation_by: datetime
    refunded: Money | None = None
    unpaid: bool = False


@dataclass(frozen=True, kw_only=True)
class SubscriptionActive(AboutOrder):
    """Everything is done: the software can be used (H5, P6). `term_until` closes the first term.

    Its link leads to the users where the product has user management (P1), else to the subscription.
    """

    template: ClassVar[str] = "subscription_active"
    link: ClassVar[Link | None] = "portal"
    purpose: ClassVar[Purpose] = "users"
    subscription_number: str
    quantity: int
    term_until: datetime
    renews: bool
    user_management: bool
    charged: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Invitation(AboutOrder):
    """To a new user: set-up instructions whose link closes at `accept_by`, which is `window` after the sending (T2)."""

    template: ClassVar[str] = "invitation"
    link: ClassVar[Link | None] = "invitation"
    link_required: ClassVar[bool] = True
    unsaid: ClassVar[frozenset[str]] = frozenset({"window"})
    accept_by: datetime
    window: str = ""

    def as_of(self, at: datetime, zone: str) -> Invitation:
        """The invitation with the end of the hours that begin when it leaves."""
        if not self.window:
            return self
        return replace(self, accept_by=closes_at(at, Duration.parse(self.window), Calendar(zone)))

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """The invited person's own: nothing of the owner's renewal."""
        return invited(at, self.accept_by)


@dataclass(frozen=True, kw_only=True)
class SeatReleased(AboutOrder):
    """To the owner: an invitation was not completed by `accept_by`, or could not be delivered (None), and its seat is free again (T3).

    The renderer may be given the invited `person`; without it the e-mail names the seat alone.
    """

    template: ClassVar[str] = "seat_released"
    link: ClassVar[Link | None] = "portal"
    purpose: ClassVar[Purpose] = "users"
    seat: int
    accept_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserHeld(AboutOrder):
    """To the admin: the person whom the renderer names takes longer to add. Neutral: it never says which check, or why (T6, X19)."""

    template: ClassVar[str] = "user_held"
    link: ClassVar[Link | None] = "portal"
    purpose: ClassVar[Purpose] = "users"
    seat: int


@dataclass(frozen=True, kw_only=True)
class UserRefused(AboutOrder):
    """To the admin: the person whom the renderer names cannot be added, and the seat is free; the grounds are support's to tell (X19).

    Where `term_until` is set, nobody refused them: the seat that was reserved went when that term ended, at a renewal with fewer (X25).
    """

    template: ClassVar[str] = "user_refused"
    link: ClassVar[Link | None] = "portal"
    purpose: ClassVar[Purpose] = "users"
    seat: int
    term_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserAdded(AboutOrder):
    """To a user who has an identity: the seat is theirs at once, no link (T1, H21)."""

    template: ClassVar[str] = "user_added"

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """The user's own: ready to use since now."""
        return (Milestone("active", "reached", at=at),)
