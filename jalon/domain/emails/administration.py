"""E-mails about the transfer of a subscription's administration (X11, H14, P11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jalon.domain.emails.base import Link, Milestone
from jalon.domain.emails.renewal import SubscriptionEmail


@dataclass(frozen=True, kw_only=True)
class AdminTransferPending(SubscriptionEmail):
    """To a new person: the admin, the renderer's `person`, asks them to take over until `accept_by` (X11)."""

    template: ClassVar[str] = "admin_transfer_pending"
    link: ClassVar[Link | None] = "transfer"
    link_required: ClassVar[bool] = True
    accept_by: datetime

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """None: the terms are the present admin's, and nothing is the reader's before they accept."""
        return ()


@dataclass(frozen=True, kw_only=True)
class AdminTransferred(SubscriptionEmail):
    """To the new admin: they have the administration, which the renderer's `person` had before (H14)."""

    template: ClassVar[str] = "admin_transferred"


@dataclass(frozen=True, kw_only=True)
class AdminPassedOn(SubscriptionEmail):
    """To whoever was the admin: the renderer's `person` is it now (H12). A seat of their own is free again where they `had_seat`.

    No link: nothing of the subscription is theirs to do.
    """

    template: ClassVar[str] = "admin_passed_on"
    link: ClassVar[Link | None] = None
    had_seat: bool

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """None: what comes is the new admin's."""
        return ()


@dataclass(frozen=True, kw_only=True)
class AdminTransferLapsed(SubscriptionEmail):
    """To the admin: the transfer was not accepted by `accept_by`, or could not be delivered (None), and nothing changed (X11).

    The renderer may be given the invited `person`.
    """

    template: ClassVar[str] = "admin_transfer_lapsed"
    accept_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AdminTransferHeld(SubscriptionEmail):
    """To the admin: the switch to the person whom the renderer names takes longer. Neutral: it never says which check, or why (T6, X19)."""

    template: ClassVar[str] = "admin_transfer_held"
    link: ClassVar[Link | None] = "portal"


@dataclass(frozen=True, kw_only=True)
class AdminTransferRefused(SubscriptionEmail):
    """To the admin, who stays: the switch to the person whom the renderer names cannot be made; the grounds are support's to discuss."""

    template: ClassVar[str] = "admin_transfer_refused"
    link: ClassVar[Link | None] = "portal"


@dataclass(frozen=True, kw_only=True)
class TakeoverHeld(SubscriptionEmail):
    """To the person who is to take over: it takes longer, and nothing is to be done (X19)."""

    template: ClassVar[str] = "takeover_held"
    link: ClassVar[Link | None] = "transfer"

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """None: the terms are the present admin's."""
        return ()


@dataclass(frozen=True, kw_only=True)
class TakeoverRefused(SubscriptionEmail):
    """To the person who was to take over: they cannot; the grounds are support's to discuss (X19)."""

    template: ClassVar[str] = "takeover_refused"
    link: ClassVar[Link | None] = "transfer"

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """None: the terms are the present admin's."""
        return ()
