"""Whether an order can be cancelled: one decision for the workflow, which takes the command, and for whoever is told beforehand."""

from __future__ import annotations

from collections.abc import Collection

from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.domain.violations import Violation


def objection_to_cancel(
    status: OrderStatus, outcomes: Collection[str], *, asked: bool, under_way: bool
) -> Violation | None:
    """Why an order in this status cannot be cancelled, or None where it can.

    `outcomes` are those of its lines (LineOutcome). `asked`: it was asked before; `under_way`: that is not answered yet.
    """
    if under_way:
        message = "This order is being cancelled already; cancel_requested_at says since when."
        return Violation(ErrorCode.ORDER_CLOSED, message)
    if status in ORDER_OVER or asked:
        message = f"This order is {status}; there is nothing left to cancel."
        return Violation(ErrorCode.ORDER_CLOSED, message)
    if "active" in outcomes:
        message = "A line of this order is active. Stop its renewal or ask for a refund instead."
        return Violation(ErrorCode.ORDER_ACTIVE, message)
    return None
