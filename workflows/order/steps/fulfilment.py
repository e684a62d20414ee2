"""Fulfilment: one subscription for each line, until every line is active or void; captures of void lines are refunded (P5)."""

from __future__ import annotations

from functools import partial
from typing import Any

from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.money import Money
from jalon.domain.order import subscription_id
from jalon.domain.statuses import OrderStatus
from workflows.engine import options
from workflows.engine.commands import Refused
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import Step, StepName, takes
from workflows.messages import Begin, LineSettled
from workflows.order.life import OrderLife
from workflows.order.steps import cancellation, news
from workflows.shared_steps import mandates, reversal

SETTLED = {"active", "void"}
OUTCOMES = {"active": events.LineActive, "void": events.LineVoid}
CONCLUSIONS = {
    "completed": events.OrderCompleted,
    "cancelled": events.OrderCancelled,
    "expired": events.OrderExpired,
}


async def until_settled(order: OrderLife) -> None:
    """Begins the subscriptions once and waits until each is active or void."""
    state = order.state
    if order.is_over():
        return
    state.move_to(OrderStatus.PROCESSING)
    news.told(order)
    for number in range(len(known(state.terms).lines)):
        _begin(order, number)
    order.transition.record_event(state.now, events.SubscriptionsBegun(subscriptions=tuple(state.lines)))
    await order.until(lambda: all(outcome in SETTLED for outcome in state.lines.values()))
    _release(order)
    _conclude(order, await _give_back(order))


def _begin(order: OrderLife, number: int) -> None:
    state, terms, placement = order.state, known(order.state.terms), known(order.state.placement)
    line = terms.lines[number]
    subscription = subscription_id(state.id, number)
    # After a reset a line's outcome may arrive before the line is begun again.
    state.lines.setdefault(subscription, "pending")
    news_by = news.due_at(order) if state.delayed_at is None else None
    begin = Begin(
        order_id=state.id,
        number=state.number,
        buyer=order.buyer,
        purchase_order_number=placement.purchase_order_number,
        billing_address=placement.billing_address,
        ordered_at=known(state.placed_at),
        news_by=news_by,
        method=placement.payment_method,
        mandate=state.mandate,
        paid=line.charge_at == "order",
        line=line,
        store=terms.store,
        buyer_names=known(state.cart).buyer_names,
        consumer=terms.consumer,
        notice_by_law=terms.notice_by_law,
        parked_time=state.parked_time,
    )
    order.send(subscription, f"begin/{number}", begin)


async def line_settled(
    order: OrderLife, request: LineSettled, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records that a subscription is active or void."""
    if order.state.lines.get(request.subscription) != request.outcome:
        order.state.lines[request.subscription] = request.outcome
        order.transition.record_event(
            order.state.now, OUTCOMES[request.outcome](subscription=request.subscription)
        )
    cancellation.answered(order, request.subscription, kept=request.outcome == "active")
    return {"order": order.state.id}


async def _give_back(order: OrderLife) -> Money | None:
    """Refunds what was captured for void lines. Returns the refund, if there is one."""
    state = order.state
    lines = list(zip(known(state.terms).lines, state.lines.values(), strict=True))
    amount = Money.zero(known(state.terms).total.currency)
    for line, outcome in lines:
        if outcome == "void" and line.charge_at == "order":
            amount += line.amount
    if amount.amount:
        await refund(order, amount)
    return amount if amount.amount else None


def _release(order: OrderLife) -> None:
    """Gives the mandate up for the void lines. It is released once no line needs it, beside the course of the order."""
    state, mandate = order.state, order.state.mandate
    void = tuple(subscription for subscription, outcome in state.lines.items() if outcome == "void")
    if mandate is not None and void:
        method = known(state.placement).payment_method
        request = mandate.release(state.store, method, void, state.now)
        order.beside.start(StepName.RELEASE, PAY, request, options.PAYMENT, partial(_released, order))


def _released(order: OrderLife, answer: PaymentOutcome | Skipped) -> None:
    order.transition.record_event(order.state.now, mandates.told(known(order.state.mandate), answer))


async def refund(order: OrderLife, amount: Money) -> None:
    """Refunds what the order captured."""
    await _undo(order, StepName.REFUND, amount)


async def _undo(order: OrderLife, purpose: StepName, amount: Money) -> None:
    state, payment = order.state, known(order.state.payment)
    method = known(state.placement).payment_method
    request = PaymentRequest(state.store, state.id, purpose, 0, state.placements, amount, method, state.now)
    outcome = PaymentOutcome("succeeded", state.now, payment.reference)
    await reversal.give_back(order, purpose, request, outcome)


def _conclude(order: OrderLife, refunded: Money | None) -> None:
    state = order.state
    if any(outcome == "active" for outcome in state.lines.values()):
        state.move_to(OrderStatus.COMPLETED)
        state.completed_at = state.now
    elif state.cancel_reason is not None:
        state.move_to(OrderStatus.CANCELLED)
        order.tell_cancelled("requested", refunded)
    else:
        state.move_to(OrderStatus.EXPIRED)
    order.transition.record_event(state.now, CONCLUSIONS[state.status]())


STEP = Step(takes=(takes(LineSettled, line_settled),))
