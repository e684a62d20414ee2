"""Recorded by an order, a delay by a subscription too: its cart, its certificate, its screening, its lines and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from jalon.domain.events.base import STAFF_ONLY, Event
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class CartOpened(Event):
    """The order began as a cart; `lines` counts its lines."""

    lines: int


@dataclass(frozen=True, kw_only=True)
class CartChanged(Event):
    """The buyer changed the named parts of the cart."""

    changed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CartReminded(Event):
    """A cart was left alone and its buyer was reminded of it."""


@dataclass(frozen=True, kw_only=True)
class CartAbandoned(Event):
    """Nobody came back for the cart and it expired at no charge."""


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """The buyer placed the order, which froze its terms."""

    rule: ClassVar[str | None] = "H19"
    total: Money
    terms: str
    policy: str


@dataclass(frozen=True, kw_only=True)
class CancelRequested(Event):
    """The cancellation of the order was requested."""


@dataclass(frozen=True, kw_only=True)
class CancelRefused(Event):
    """A line of the order was signed before the cancellation, so the order goes on."""

    rule: ClassVar[str | None] = "G3"


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The order ended as cancelled, as it was requested."""


@dataclass(frozen=True, kw_only=True)
class OrderCompensated(Event):
    """An operator gave up a parked step, and the order ended as cancelled."""


@dataclass(frozen=True, kw_only=True)
class OrderDelayed(Event):
    """The customer was left without news for too long, and support has a task."""

    rule: ClassVar[str | None] = "T10"
    support_task: str = "contact the customer"


@dataclass(frozen=True, kw_only=True)
class CertificateRequested(Event):
    """The order needs an end-use certificate, and its buyer was asked for it."""

    rule: ClassVar[str | None] = "T5"
    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class CertificateAnswered(Event):
    """The buyer answered the end-use certificate."""

    rule: ClassVar[str | None] = "T5"


@dataclass(frozen=True, kw_only=True)
class CertificateDropped(Event):
    """The cart changed what the end-use certificate was about, so its answers no longer count and are asked for again."""

    rule: ClassVar[str | None] = "X19"


@dataclass(frozen=True, kw_only=True)
class CertificateMissing(Event):
    """No certificate came in time, and the order ended as cancelled at no charge."""

    rule: ClassVar[str | None] = "T5"


@dataclass(frozen=True, kw_only=True)
class ScreeningCleared(Event):
    """Screening found nothing against the order."""

    rule: ClassVar[str | None] = "T6"


@dataclass(frozen=True, kw_only=True)
class ExportHoldOpened(Event):
    """The order could not be cleared, and two reviewers must decide."""

    rule: ClassVar[str | None] = "T6"
    reasons: tuple[str, ...] = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class HoldRelease(Event):
    """A reviewer spoke for the release of the hold numbered `turn`."""

    rule: ClassVar[str | None] = "T6"
    turn: int


@dataclass(frozen=True, kw_only=True)
class HoldReject(Event):
    """A reviewer rejected the order, the new admin or the user under the hold numbered `turn`."""

    rule: ClassVar[str | None] = "T6"
    turn: int


@dataclass(frozen=True, kw_only=True)
class HoldReleased(Event):
    """Enough reviewers spoke for the release of the hold numbered `turn`: the order, the switch of the admin or the seat went on."""

    rule: ClassVar[str | None] = "T6"
    turn: int


@dataclass(frozen=True, kw_only=True)
class HoldExpired(Event):
    """The hold ran out undecided, and the order ended as cancelled at no charge."""

    rule: ClassVar[str | None] = "T6"


@dataclass(frozen=True, kw_only=True)
class OrderRejected(Event):
    """Screening or a reviewer rejected the order, which ended."""

    rule: ClassVar[str | None] = "T6"
    reasons: tuple[str, ...] = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class SubscriptionsBegun(Event):
    """Every line of the order became a subscription."""

    subscriptions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LineActive(Event):
    """A subscription reported to its order that the line is active."""

    subscription: str


@dataclass(frozen=True, kw_only=True)
class LineVoid(Event):
    """A subscription reported to its order that the line is void."""

    subscription: str


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(Event):
    """All lines are settled and one of them, or more, is active."""


@dataclass(frozen=True, kw_only=True)
class OrderExpired(Event):
    """All lines became void, although nobody cancelled the order."""
