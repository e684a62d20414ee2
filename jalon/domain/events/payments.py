"""Recorded by an order or a subscription: its payments, and the undoing of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from jalon.domain.events.base import ABSENT, Absent, Event
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class PaymentCaptured(Event):
    """A payment was taken; that of an order has no `term`."""

    amount: Money
    term: int | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(Event):
    """A payment was declined; that of a subscription can be settled until `settle_by`."""

    code: str | None
    settle_by: datetime | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class PaymentActionRequired(Event):
    """The buyer must confirm the payment at the bank; an order waits until `confirm_by`, a subscription until `settle_by`."""

    confirm_by: datetime | Absent = ABSENT
    code: str | Absent | None = ABSENT
    settle_by: datetime | Absent = ABSENT


@dataclass(frozen=True, kw_only=True)
class PaymentReported(Event):
    """The provider, or the buyer's return from it, indicated that a payment may have changed."""


@dataclass(frozen=True, kw_only=True)
class PaymentMissing(Event):
    """The buyer never confirmed the payment, and the order ended as cancelled."""


@dataclass(frozen=True, kw_only=True)
class PaymentMethodChanged(Event):
    """The customer gave another payment method."""

    rule: ClassVar[str | None] = "P9"


@dataclass(frozen=True, kw_only=True)
class MandateStored(Event):
    """The authority to collect `amount` later was stored."""

    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event):
    """A payment that was taken was given back, as `state` says."""

    rule: ClassVar[str | None] = "P5"
    amount: Money
    state: str


@dataclass(frozen=True, kw_only=True)
class MandateReleased(Event):
    """The authority to collect was given back, as `state` says."""

    rule: ClassVar[str | None] = "P5"
    amount: Money
    state: str


@dataclass(frozen=True, kw_only=True)
class MandateGivenUp(Event):
    """A line needs the authority to collect no more; other lines of its order still do."""

    public: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class PaymentWithdrawn(Event):
    """A payment that waited for the buyer was withdrawn; `state` is succeeded where the buyer had confirmed it before."""

    rule: ClassVar[str | None] = "P5"
    amount: Money
    state: str


@dataclass(frozen=True, kw_only=True)
class RefundByHand(Event):
    """An operator skipped a refund, with evidence of how it was done."""

    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ReleaseByHand(Event):
    """An operator skipped the release of a mandate, with evidence of how it was done."""

    evidence: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class WithdrawByHand(Event):
    """An operator skipped the withdrawal of a payment, with evidence of how it was done."""

    evidence: dict[str, Any]
