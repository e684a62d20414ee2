"""What is to be paid for an order or a subscription at an instant, and how it can be: a debt. The workflow decides by the receipt (G3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.projections import (
    AgendaEntry,
    OrderProjection,
    PaymentState,
    SubscriptionProjection,
    VoidCause,
    WaitingFor,
)
from jalon.domain.statuses import SUBSCRIPTION_OVER, OrderStatus, SubscriptionStatus

State = Literal[
    "declined", "confirm", "working", "received", "changed", "paid", "nothing", "late", "closed", "ended"
]
Occasion = Literal["order", "mandate", "activation", "renewal"]

UNPAID = frozenset({PaymentState.DECLINED, PaymentState.ACTION_REQUIRED})
GIVEN_UP = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REJECTED})
"""The statuses of an order that is over and was not fulfilled."""
OPEN: frozenset[State] = frozenset({"declined", "confirm"})
"""The states in which it can be settled now."""
UNSETTLED: frozenset[State] = OPEN | {"working", "late"}
"""The states in which a card that was given is tried, or refused by its receipt alone."""


@dataclass(frozen=True, slots=True)
class Debt:
    """The state of a payment.

    `state`: "declined" · "confirm" at the bank, `bank_url` · "working", we are taking it · "received", the order goes on before that ·
    "changed", the cart is another one than was confirmed · "paid" · "nothing" is owed · "late", the time ended at `settle_by`, where that
    is known · "closed", its order is · "ended", its subscription has. `occasion`: what it is for; with "mandate" nothing is charged now.
    `takes_card`: another card can be given now. `code` is the reason of a decline.
    """

    state: State
    occasion: Occasion
    amount: Money | None
    products: tuple[str, ...]
    order_number: str
    takes_card: bool = False
    settle_by: datetime | None = None
    code: str | None = None
    bank_url: str | None = None


def debt_of_subscription(subscription: SubscriptionProjection, now: datetime) -> Debt:
    """What is to be paid for the term that runs or begins (G8, X3)."""
    payment, due_at = subscription.payment, _due_at(subscription.agenda, Due.RECOVERY)
    state = _state_of_subscription(subscription, due_at, now)
    if state == "late":
        due_at = due_at or subscription.void_by or subscription.ended_at
    return Debt(
        state=state,
        occasion="activation" if subscription.activated_at is None else "renewal",
        amount=subscription.amount,
        products=(subscription.product,),
        order_number=subscription.number,
        takes_card=state in OPEN,
        settle_by=due_at,
        code=payment.code if payment else None,
        bank_url=payment.action_url if payment else None,
    )


def _state_of_subscription(
    subscription: SubscriptionProjection, due_at: datetime | None, now: datetime
) -> State:
    status, payment = subscription.status, subscription.payment
    taken = payment is not None and payment.state in (PaymentState.CAPTURED, PaymentState.MANDATE)
    if status is SubscriptionStatus.VOID:
        return "late" if subscription.void_cause is VoidCause.UNPAID else "closed"
    if status in SUBSCRIPTION_OVER:
        return "ended" if payment is None or taken else "late"
    if subscription.past_due_since is None and (taken or not _begins_unpaid(subscription)):
        return "paid" if taken else "nothing"
    if due_at is None:
        return "working"
    if now >= due_at:
        return "late"
    return "confirm" if payment and payment.state is PaymentState.ACTION_REQUIRED else "declined"


def _begins_unpaid(subscription: SubscriptionProjection) -> bool:
    """Whether the line is signed and is charged before it begins."""
    signed = all(each.done_at is not None for each in subscription.steps)
    return subscription.status is SubscriptionStatus.PENDING_ACTIVATION and signed


def debt_of_order(order: OrderProjection, now: datetime) -> Debt:
    """What the placement of an order asks for: a payment, or a card to be charged at the activation (D8, P5)."""
    payment = order.payment
    confirms = payment is not None and payment.state is PaymentState.ACTION_REQUIRED
    due_at = _due_at(order.agenda, Due.AUTHENTICATION if confirms else Due.CART_ABANDONED)
    state = _state_of_order(order, due_at, now)
    return Debt(
        state=state,
        occasion="order" if order.due_now else "mandate",
        amount=order.due_now or order.total,
        products=tuple(line.product or line.sku for line in order.lines),
        order_number=order.number,
        takes_card=state == "declined",
        settle_by=due_at,
        code=payment.code if payment else None,
        bank_url=payment.action_url if payment else None,
    )


def _state_of_order(order: OrderProjection, due_at: datetime | None, now: datetime) -> State:
    status, unpaid = order.status, order.payment is not None and order.payment.state in UNPAID
    if status in GIVEN_UP:
        lapsed = unpaid and status is not OrderStatus.REJECTED and order.cancel_requested_at is None
        return "late" if lapsed else "closed"
    if order.secured_at is not None:
        return "paid"
    if not unpaid:
        return "working" if order.waiting_for in (WaitingFor.PAYMENT, WaitingFor.OPERATOR) else "received"
    if due_at is None or now >= due_at:
        return "working" if due_at is None else "late"
    if status is OrderStatus.CART:
        return "changed" if order.changed_since_placed else "declined"
    return "confirm"


def _due_at(agenda: tuple[AgendaEntry, ...], what: Due) -> datetime | None:
    return next((entry.due_at for entry in agenda if entry.what == what), None)
