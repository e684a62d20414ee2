"""E-mails about a renewal with fewer seats: who stays, and who loses a seat (X25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from jalon.domain.emails.base import AboutOrder, Milestone, Purpose
from jalon.domain.emails.renewal import SubscriptionEmail


@dataclass(frozen=True, kw_only=True)
class FewerSeats(SubscriptionEmail):
    """To the admin: from `renews_at` on there are `seats` seats for the `given` people who have one (X25).

    `leaving` of them lose theirs as it stands, of whom the renderer may be given the first as its `people`. `choose_by`: until when
    the admin names who stays, None once it is closed.
    """

    template: ClassVar[str] = "fewer_seats"
    purpose: ClassVar[Purpose] = "who-stays"
    seats: int
    given: int
    leaving: int
    renews_at: datetime
    choose_by: datetime | None

    def as_of(self, at: datetime, zone: str) -> FewerSeats:
        """The e-mail without the choice, once that is closed."""
        closed = self.choose_by is not None and at >= self.choose_by
        return replace(self, choose_by=None) if closed else self


@dataclass(frozen=True, kw_only=True)
class SeatAtRenewal(AboutOrder):
    """To a user: what becomes of their seat when the term ends at `term_until`, by the choice of the admin, the renderer's `person` (X25).

    `outcome`: the seat `goes` with the term; it `stays`, although it was said to go; or it is `gone`.
    """

    template: ClassVar[str] = "seat_at_renewal"
    outcome: Literal["goes", "stays", "gone"]
    term_until: datetime

    def pole(self, at: datetime) -> tuple[Milestone, ...]:
        """None: what comes is the admin's."""
        return ()
