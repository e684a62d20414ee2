"""Cancelling an order: free until the payment begins, and possible as long as no line is active. Compensation undoes the effects."""

from __future__ import annotations

from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.error_codes import ErrorCode
from jalon.domain.projections import PaymentState
from jalon.domain.statuses import BEFORE_FULFILMENT, OrderStatus
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Refused, refused
from workflows.engine.step import Step, StepName, takes
from workflows.messages import VoidLine
from workflows.order.commands import Cancel
from workflows.order.life import OrderLife


async def cancel(order: OrderLife, request: Cancel, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Cancels the order: at once before fulfilment, later by voiding the lines that are still pending."""
    state = order.state
    if order.is_over() or order.state.cancel_reason is not None:
        return refused(
            ErrorCode.ORDER_CLOSED, f"This order is {state.status}; there is nothing left to cancel."
        )
    if "active" in state.lines.values():
        return refused(
            ErrorCode.ORDER_ACTIVE,
            "A line of this order is active. Stop its renewal or ask for a refund instead.",
        )
    if StepName.PAYMENT in state.parked:
        return refused(
            ErrorCode.PAYMENT_IN_PROGRESS,
            "The payment of this order stopped, and our support looks into it. Ask support to cancel the order.",
        )
    if order.paying:
        return refused(
            ErrorCode.PAYMENT_IN_PROGRESS, "The payment is being taken right now. Ask again in a minute."
        )
    state.cancel_reason = request.reason
    order.transition.record_event(state.now, events.CancelRequested(), actor=message.actor)
    order.transition.audit(
        AuditEntry(state.now, message.actor, message.role, "cancel", None, state.cancel_reason)
    )
    if state.status in BEFORE_FULFILMENT:
        order.close(OrderStatus.CANCELLED)
        order.transition.record_event(state.now, events.OrderCancelled())
        if state.placed_at is not None and not _confirming(order):
            order.tell_cancelled("requested")
    for subscription in state.lines:
        order.send(subscription, f"void/{subscription}", VoidLine("order cancelled"))
    return {"order": state.id}


def _confirming(order: OrderLife) -> bool:
    """Whether the buyer may have confirmed the payment at the bank. The payment step tells of the end once it knows what was taken."""
    payment = order.state.payment
    return payment is not None and payment.state == PaymentState.ACTION_REQUIRED


async def compensate(order: OrderLife) -> None:
    """Cancels the order after an operator gave up a parked step and its effects were undone."""
    state = order.state
    if order.is_over():
        return
    order.close(OrderStatus.CANCELLED)
    order.transition.record_event(state.now, events.OrderCompensated())
    order.tell_cancelled("requested", order.given_back)


STEP = Step(takes=(takes(Cancel, cancel),))
