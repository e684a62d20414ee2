"""E-mails between the order and first use: contract, activation, seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jalon.domain.emails.base import Email, Link
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class ContractReady(Email):
    """The contract can be read and accepted: "proceed to contract acceptance" (H2, P6).

    `activate_by` counts from the order (P8), None where nothing expires. `charge_on_activation`: what
    is charged then.
    """

    template: ClassVar[str] = "contract_ready"
    link: ClassVar[Link | None] = "contract"
    link_required: ClassVar[bool] = True
    quantity: int
    activate_by: datetime | None
    charge_on_activation: Money | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationReminder(Email):
    """Not activated yet.

    `days_left`: days from today to the last open day: 1 is "tomorrow is the last day", 0 is today.
    """

    template: ClassVar[str] = "activation_reminder"
    link: ClassVar[Link | None] = "contract"
    link_required: ClassVar[bool] = True
    quantity: int
    activate_by: datetime
    days_left: int


@dataclass(frozen=True, kw_only=True)
class ActivationVoided(Email):
    """Not activated by `activation_by` (P5), or `unpaid` by then although it was signed (X3): void at no charge, order again.

    `refunded`: what goes back where it had been charged already.
    """

    template: ClassVar[str] = "activation_voided"
    quantity: int
    activation_by: datetime
    refunded: Money | None = None
    unpaid: bool = False


@dataclass(frozen=True, kw_only=True)
class SubscriptionActive(Email):
    """Everything is done: the software can be used (H5, P6). `term_until` closes the first term."""

    template: ClassVar[str] = "subscription_active"
    link: ClassVar[Link | None] = "portal"
    subscription_number: str
    quantity: int
    term_until: datetime
    renews: bool
    user_management: bool
    charged: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Invitation(Email):
    """To a new user: set-up instructions whose link closes at `accept_by` (T2)."""

    template: ClassVar[str] = "invitation"
    link: ClassVar[Link | None] = "invitation"
    link_required: ClassVar[bool] = True
    accept_by: datetime


@dataclass(frozen=True, kw_only=True)
class SeatReleased(Email):
    """To the owner: an invitation was not completed by `accept_by`, or could not be delivered (None), and its seat is free again (T3).

    The renderer may be given the invited `person`; without it the e-mail names the seat alone.
    """

    template: ClassVar[str] = "seat_released"
    link: ClassVar[Link | None] = "portal"
    seat: int
    accept_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserAdded(Email):
    """To a user who has an identity: the seat is theirs at once, no link (T1, H21)."""

    template: ClassVar[str] = "user_added"
