"""E-mails of an order, from the cart to its confirmation or its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from jalon.domain.due import Due
from jalon.domain.emails.base import AboutOrder, Asks, Link, Milestone, invited
from jalon.domain.money import Money


@dataclass(frozen=True, kw_only=True)
class OrderEmail(AboutOrder):
    """`product` is the first line's; `more_lines` counts the other lines ("… and 2 other products")."""

    more_lines: int = 0


@dataclass(frozen=True, kw_only=True)
class CartReminder(OrderEmail):
    """A cart waits for its buyer; it is kept until `kept_until`."""

    template: ClassVar[str] = "cart_reminder"
    asks: ClassVar[Asks | None] = Asks("kept_until", frozenset({Due.CART_ABANDONED}))
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    total: Money
    kept_until: datetime


@dataclass(frozen=True, kw_only=True)
class CertificateRequested(OrderEmail):
    """The end-use certificate must be answered before the order goes on (T5); T10's clock waits meanwhile."""

    template: ClassVar[str] = "certificate_requested"
    asks: ClassVar[Asks | None] = Asks("answer_by", frozenset({Due.CERTIFICATE_WINDOW}))
    link: ClassVar[Link | None] = "certificate"
    link_required: ClassVar[bool] = True
    answer_by: datetime


@dataclass(frozen=True, kw_only=True)
class OrderProcessing(OrderEmail):
    """The order is being processed (T10); news is due until `news_by`."""

    template: ClassVar[str] = "order_processing"
    asks: ClassVar[Asks | None] = Asks("news_by", frozenset({Due.ORDER_NEWS}))
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    total: Money
    news_by: datetime


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(OrderEmail):
    """The order is accepted.

    `charged` is what was taken now, None when nothing was; `charge_on_activation` is what will be.
    `activation_by`: until when the lines must be activated, None when nothing is left to do.
    """

    template: ClassVar[str] = "order_confirmed"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    total: Money
    charged: Money | None = None
    charge_on_activation: Money | None = None
    purchase_order_number: str | None = None
    activation_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OrderDelayed(OrderEmail):
    """No news within the store's promise: the contact, unasked (T10)."""

    template: ClassVar[str] = "order_delayed"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    ordered_at: datetime


@dataclass(frozen=True, kw_only=True)
class ExportHold(OrderEmail):
    """A check takes longer. Neutral: it never says which check, or why (T6)."""

    template: ClassVar[str] = "export_hold"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class OrderRejected(OrderEmail):
    """The order cannot be accepted; the grounds are support's to discuss.

    `refunded`: what goes back, None if no charge.
    """

    template: ClassVar[str] = "order_rejected"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    refunded: Money | None = None


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(OrderEmail):
    """The order ended before it was fulfilled.

    `refunded`: what goes back, None when nothing had been charged.
    """

    template: ClassVar[str] = "order_cancelled"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    cause: Literal["requested", "certificate_missing", "payment_missing", "hold_expired", "given_up"]
    refunded: Money | None = None


@dataclass(frozen=True, kw_only=True)
class CancellationRefused(OrderEmail):
    """A cancellation that came after a line was signed: that line stays (G3). `others`: the lines that nobody had signed are cancelled."""

    template: ClassVar[str] = "cancellation_refused"
    link: ClassVar[Link | None] = "order"
    link_required: ClassVar[bool] = True
    others: bool


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(OrderEmail):
    """A charge was declined; it can be settled until `settle_by` (X3).

    At renewal access continues meanwhile (G8). Its link leads to the page on which it is settled (X22).
    """

    template: ClassVar[str] = "payment_failed"
    asks: ClassVar[Asks | None] = Asks("settle_by", frozenset({Due.RECOVERY, Due.CART_ABANDONED}))
    link: ClassVar[Link | None] = "payment"
    link_required: ClassVar[bool] = True
    amount: Money
    occasion: Literal["order", "activation", "renewal"]
    settle_by: datetime


@dataclass(frozen=True, kw_only=True)
class PaymentRecovered(OrderEmail):
    """The charge that had failed went through."""

    template: ClassVar[str] = "payment_recovered"
    amount: Money
    occasion: Literal["order", "activation", "renewal"]


@dataclass(frozen=True, kw_only=True)
class PaymentActionRequired(OrderEmail):
    """The bank wants the buyer to confirm the payment (3-D Secure) until `confirm_by`.

    `occasion`: what is paid for; with "mandate" nothing is charged before the activation. Its link leads to the bank by a page of ours.
    """

    template: ClassVar[str] = "payment_action_required"
    asks: ClassVar[Asks | None] = Asks("confirm_by", frozenset({Due.AUTHENTICATION, Due.RECOVERY}))
    link: ClassVar[Link | None] = "payment"
    link_required: ClassVar[bool] = True
    amount: Money
    confirm_by: datetime
    occasion: Literal["order", "mandate", "activation", "renewal"] = "order"


@dataclass(frozen=True, kw_only=True)
class DeadlineExtended(OrderEmail):
    """A deadline moved because of an outage of ours or a parked step (G7): here is the new date."""

    template: ClassVar[str] = "deadline_extended"
    asks: ClassVar[Asks | None] = Asks("new_by", frozenset())
    deadline: Literal["certificate", "payment", "activation", "invitation", "renewal_stop"]
    former_by: datetime
    new_by: datetime

    def pole(self, at: datetime) -> tuple[Milestone, ...] | None:
        """The invited person's own, where it is an invitation that stays open longer."""
        return invited(at=None, until=self.new_by) if self.deadline == "invitation" else None
