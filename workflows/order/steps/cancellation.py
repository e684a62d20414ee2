"""Cancelling an order: possible as long as no line is active. What a payment under way turns out to have taken is given back."""

from __future__ import annotations

from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.cancelling import objection_to_cancel
from jalon.domain.emails import CancellationRefused
from jalon.domain.error_codes import ErrorCode
from jalon.domain.projections import PaymentState
from jalon.domain.statuses import BEFORE_FULFILMENT, OrderStatus
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Later, Refused, Resolve, refused
from workflows.engine.step import Step, StepName, takes
from workflows.messages import LineKept, VoidLine
from workflows.order.commands import Cancel
from workflows.order.life import OrderLife
from workflows.order.state import Cancellation


async def cancel(
    order: OrderLife, request: Cancel, message: ReceivedCommand
) -> dict[str, Any] | Refused | Later:
    """Cancels the order: at once before fulfilment, else once the payment under way has ended, or each pending line is void."""
    objection = _objection(order)
    if objection is not None:
        return objection
    before = _standing(order)
    answer = _cancelled(order, request, message)
    facts = {"before": before, "after": _standing(order)}
    entry = AuditEntry(order.state.now, message.actor, message.role, "cancel", None, request.reason, facts)
    order.transition.audit(entry)
    return answer


def _standing(order: OrderLife) -> dict[str, Any]:
    return {
        "status": str(order.state.status),
        "cancel_requested": order.state.cancel_requested_at is not None,
    }


def _cancelled(order: OrderLife, request: Cancel, message: ReceivedCommand) -> dict[str, Any] | Later:
    state = order.state
    state.cancel_reason, state.cancel_requested_at = request.reason, state.now
    order.transition.record_event(state.now, events.CancelRequested(), actor=message.actor)
    if order.paying:
        state.cancellation = Cancellation(message.id, [])
        # A payment that stopped, or that stops yet, is looked up at the provider and undone, as by an operator.
        order.resolve(Resolve(StepName.PAYMENT, "compensate", request.reason))
        return Later()
    if state.status in BEFORE_FULFILMENT:
        order.close(OrderStatus.CANCELLED)
        order.transition.record_event(state.now, events.OrderCancelled())
        if state.placed_at is not None and not (_confirming(order) or order.undoing):
            order.tell_cancelled("requested")
        return {"order": state.id}
    awaited = [subscription for subscription, outcome in state.lines.items() if outcome == "pending"]
    if not awaited:
        return {"order": state.id}
    state.cancellations += 1
    state.cancellation = Cancellation(message.id, awaited)
    for subscription in awaited:
        key = f"void/{state.cancellations}/{subscription}"
        order.send(subscription, key, VoidLine("order cancelled", state.cancellations))
    return Later()


def _objection(order: OrderLife) -> Refused | None:
    """The refusal of a cancellation that cannot be, or None."""
    state = order.state
    violation = objection_to_cancel(
        state.status,
        state.lines.values(),
        asked=state.cancel_reason is not None,
        under_way=state.cancellation is not None,
    )
    return None if violation is None else Refused((violation,))


def honour(order: OrderLife) -> None:
    """Cancels the order as was asked while its payment was under way, and answers whoever asked."""
    asked = order.state.cancellation
    if asked is None:
        return
    order.state.cancellation = None
    if not order.is_over():
        order.close(OrderStatus.CANCELLED)
        order.transition.record_event(order.state.now, events.OrderCancelled())
    order.transition.settle(asked.receipt, {"order": order.state.id})


def answered(order: OrderLife, subscription: str, *, kept: bool) -> None:
    """Records the answer of a line. The cancellation is answered with the last one: refused if a line was signed before it (G3)."""
    state, asked = order.state, order.state.cancellation
    if asked is None or subscription not in asked.awaited:
        return
    asked.awaited.remove(subscription)
    if kept:
        asked.kept.append(subscription)
    if asked.awaited:
        return
    state.cancellation = None
    if not asked.kept:
        order.transition.settle(asked.receipt, {"order": state.id})
        return
    state.cancel_reason = state.cancel_requested_at = None
    order.transition.record_event(state.now, events.CancelRefused())
    others = "void" in state.lines.values()
    email = CancellationRefused(**order.line_facts(), others=others)
    order.mail(email, f"cancellation-refused/{state.cancellations}", order.buyer)
    order.transition.settle(asked.receipt, _active(asked.kept, others=others))


async def line_kept(
    order: OrderLife, request: LineKept, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records that a line stays although the order was to be cancelled."""
    if request.turn == order.state.cancellations:
        answered(order, request.subscription, kept=True)
    return {"order": order.state.id}


def _active(kept: list[str], *, others: bool) -> Refused:
    """The refusal for the lines that stay. The `others` of the order are void all the same, and the refusal says so."""
    also = " The other lines are cancelled." if others else ""
    return refused(
        ErrorCode.ORDER_ACTIVE,
        f"{', '.join(kept)} was signed before the cancellation. Stop its renewal or ask for a refund instead.{also}",
        "G3",
    )


def _confirming(order: OrderLife) -> bool:
    """Whether the buyer may have confirmed the payment at the bank. The payment step tells of the end once it knows what was taken."""
    payment = order.state.payment
    return payment is not None and payment.state == PaymentState.ACTION_REQUIRED


async def compensate(order: OrderLife) -> None:
    """Cancels the order after an operator gave up a parked step and its effects were undone; one that was cancelled meanwhile knows."""
    if order.is_over():
        return
    order.close(OrderStatus.CANCELLED)
    order.transition.record_event(order.state.now, events.OrderCompensated())
    order.tell_cancelled("given_up", order.given_back)


STEP = Step(takes=(takes(Cancel, cancel), takes(LineKept, line_kept)))
