"""The order: its moves, its milestones, and its refusals after its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from jalon.domain.due import Due
from jalon.domain.emails import Milestone
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds.kind import Kind
from jalon.domain.kinds.poles import awaited, reached
from jalon.domain.projections import OrderProjection, PaymentState, WaitingFor
from jalon.domain.refusals import closed
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.domain.violations import Violation

_O = OrderStatus
CLOSED = ORDER_OVER - {_O.COMPLETED}
"""The ends of an order without a purchase. Nothing is awaited after them."""
_PAID = (PaymentState.CAPTURED, PaymentState.MANDATE)

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    _O.NEW: frozenset({_O.CART, _O.CANCELLED}),
    _O.CART: frozenset({_O.SUBMITTED, _O.CANCELLED, _O.EXPIRED}),
    _O.SUBMITTED: frozenset({_O.SCREENING, _O.CART, _O.PROCESSING, _O.CANCELLED}),
    _O.SCREENING: frozenset({_O.SUBMITTED, _O.EXPORT_HOLD, _O.REJECTED, _O.CANCELLED}),
    _O.EXPORT_HOLD: frozenset({_O.SUBMITTED, _O.REJECTED, _O.CANCELLED}),
    _O.PROCESSING: frozenset({_O.COMPLETED, _O.CANCELLED, _O.EXPIRED}),
    _O.COMPLETED: frozenset(),
    _O.REJECTED: frozenset(),
    _O.CANCELLED: frozenset(),
    _O.EXPIRED: frozenset(),
}


def milestones(order: OrderProjection) -> tuple[Milestone, ...]:
    """The pole of an order."""
    if order.placed_at is None:
        return (awaited("ordered"),)
    poles = [reached("ordered", order.placed_at)]
    free = order.total is not None and not order.total.amount
    paid = free or (order.payment is not None and order.payment.state in _PAID)
    if order.status in CLOSED:
        return tuple(poles)
    if order.status == OrderStatus.EXPORT_HOLD:
        return (*poles, Milestone("screening", "held"), awaited("payment"), awaited("active"))
    if order.waiting_for == WaitingFor.BUYER_CERTIFICATE:
        poles.append(awaited("certificate", _due(order, Due.CERTIFICATE_WINDOW)))
    confirm_by = _due(order, Due.AUTHENTICATION)
    poles.append(reached("payment", order.secured_at) if paid else awaited("payment", confirm_by))
    completed = order.status == OrderStatus.COMPLETED
    poles.append(reached("active", order.completed_at) if completed else awaited("active"))
    return tuple(poles)


def _due(order: OrderProjection, what: Due) -> datetime | None:
    """Until when the buyer may do what the order waits for, where it does."""
    return next((each.due_at for each in order.agenda if each.what == what), None)


def after_end(status: str, _command: str) -> Violation:
    """The refusal of a command to an order that has ended, with the remedy."""
    if status == OrderStatus.COMPLETED:
        message = (
            "This order is completed. Its subscriptions live on: stop their renewal, or change them there."
        )
        return Violation(ErrorCode.ENTITY_CLOSED, message)
    return closed("order", status)


ORDER = Kind("order", "orders", "ord", MOVES, milestones, after_end, OrderProjection)
