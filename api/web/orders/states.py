"""What an order and its lines wait for at an instant, as their buyer is told: whoever has to act, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jalon.domain.due import Due
from jalon.domain.projections import OrderProjection, PaymentState, SubscriptionProjection, VoidCause
from jalon.domain.statuses import AWAITED_NEWS, ORDER_OVER, OrderStatus, SubscriptionStatus

OrderState = Literal[
    "cart", "declined", "cart_over", "cancelling", "certificate", "certificate_over", "confirmation", "confirming",
    "delayed", "held", "working", "to_activate", "activating", "completed", "rejected", "cancelled", "lapsed",
]  # fmt: skip
"""`held` is an order that takes longer: nobody is told why (T6). `cart_over`: the basket was let go."""
LineState = Literal[
    "preparing", "to_activate", "too_late", "to_pay", "activating", "active", "not_activated", "unpaid", "cancelled", "ended"
]  # fmt: skip
UNDER_WAY = frozenset({"to_activate", "to_pay"})
"""The states of a line in which its buyer has something to do."""
ENDS: dict[OrderStatus, OrderState] = {
    OrderStatus.COMPLETED: "completed",
    OrderStatus.REJECTED: "rejected",
    OrderStatus.CANCELLED: "cancelled",
}
VOID: dict[VoidCause, LineState] = {
    VoidCause.NOT_ACTIVATED: "not_activated",
    VoidCause.UNPAID: "unpaid",
    VoidCause.CANCELLED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A state, and the first closed instant of what it waits for, where there is one."""

    state: OrderState
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineStanding:
    """The state of a line, and the first closed instant that its sentence names."""

    state: LineState
    until: datetime | None = None


def due_of(entity: OrderProjection | SubscriptionProjection, what: Due) -> datetime | None:
    """When the agenda's entry of this kind is due."""
    return next((each.due_at for each in entity.agenda if each.what == what), None)


def news_by(order: OrderProjection, now: datetime) -> datetime | None:
    """Until when the order's buyer is to have news (T10); None where the clock stands, or has run out."""
    due = due_of(order, Due.ORDER_NEWS)
    return due if due is not None and now < due else None


def standing_of(order: OrderProjection, lines: tuple[LineStanding, ...], now: datetime) -> Standing:
    """What the order waits for. A step that stopped is no state of its own: its buyer notices a later date at most."""
    if order.status in ORDER_OVER:
        let_go = order.status is OrderStatus.EXPIRED and not any(each.subscription for each in order.lines)
        return Standing("cart_over" if let_go else ENDS.get(order.status, "lapsed"))
    if order.cancel_requested_at is not None:
        return Standing("cancelling")
    if order.status is OrderStatus.CART:
        return _cart(order, now)
    if order.status is OrderStatus.PROCESSING:
        waits = any(each.state in UNDER_WAY for each in lines)
        return Standing("to_activate" if waits else "activating")
    return _before_fulfilment(order, now)


def _cart(order: OrderProjection, now: datetime) -> Standing:
    kept = due_of(order, Due.CART_ABANDONED)
    if kept is not None and now >= kept:
        return Standing("cart_over", kept)
    declined = order.payment is not None and order.payment.state is PaymentState.DECLINED
    return Standing("declined" if declined else "cart", kept)


def _before_fulfilment(order: OrderProjection, now: datetime) -> Standing:
    answer_by, confirm_by = due_of(order, Due.CERTIFICATE_WINDOW), due_of(order, Due.AUTHENTICATION)
    if answer_by is not None:
        return Standing("certificate" if now < answer_by else "certificate_over", answer_by)
    if order.payment is not None and order.payment.state is PaymentState.ACTION_REQUIRED:
        is_open = confirm_by is not None and now < confirm_by
        return Standing("confirmation", confirm_by) if is_open else Standing("confirming")
    if order.delayed_at is not None and order.status in AWAITED_NEWS:
        return Standing("delayed")
    return Standing("held" if order.status is OrderStatus.EXPORT_HOLD else "working", news_by(order, now))


def line_standing(line: SubscriptionProjection | None, now: datetime) -> LineStanding:
    """What a line of an order waits for, once the order was accepted; None for one that is about to begin."""
    if line is None:
        return LineStanding("preparing")
    if line.status is SubscriptionStatus.PENDING_ACTIVATION:
        return _pending(line, now)
    if line.status is SubscriptionStatus.VOID:
        return LineStanding(VOID[line.void_cause or VoidCause.NOT_ACTIVATED], line.void_by)
    if line.status is SubscriptionStatus.ACTIVE:
        return LineStanding("active")
    return LineStanding("ended", line.ended_at)


def _pending(line: SubscriptionProjection, now: datetime) -> LineStanding:
    if all(each.done_at is not None for each in line.steps):
        settle_by = due_of(line, Due.RECOVERY)
        is_open = settle_by is not None and now < settle_by
        return LineStanding("to_pay", settle_by) if is_open else LineStanding("activating")
    if line.activates_before is not None and now >= line.activates_before:
        return LineStanding("too_late", line.activates_before)
    return LineStanding("preparing" if line.document is None else "to_activate", line.activates_before)
