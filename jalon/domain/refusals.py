"""The refusals of late commands, with the same texts in the workflow, the API and the relay."""

from __future__ import annotations

from jalon.domain.error_codes import ErrorCode
from jalon.domain.violations import Violation


def activation_closed() -> Violation:
    """The refusal of a step after the activation window closed, or after the line became void (P5)."""
    message = "The time to activate is over; nothing was or will be charged. Please order again."
    return Violation(ErrorCode.ACTIVATION_WINDOW_CLOSED, message, "", "P5")


def invitation_expired(rule: str) -> Violation:
    """The refusal of a set-up after its hours (T2), or through an invalid link (T3)."""
    message = "This invitation has expired. Ask the account owner to invite you again."
    return Violation(ErrorCode.INVITATION_EXPIRED, message, "", rule)


def transfer_over() -> Violation:
    """The refusal to accept or call off a transfer that is not pending (X11)."""
    message = "This transfer of the administration is not pending any more. The admin can start another one."
    return Violation(ErrorCode.TRANSFER_OVER, message, "", "X11")


def not_the_admin() -> Violation:
    """The refusal of what a former admin still asks for (H12)."""
    message = "The administration of this subscription has passed on. Ask the present admin."
    return Violation(ErrorCode.NOT_THE_ADMIN, message, "", "H12")


def reason_missing() -> Violation:
    """The refusal of a stop without a reason, where the store wants one (H24)."""
    message = "Say why the renewal is stopped: send reason."
    return Violation(ErrorCode.REASON_MISSING, message, "/reason", "H24")


def nothing_on_hold(kind: str, status: str) -> Violation:
    """The refusal of a reviewer's decision where nothing is held (T6)."""
    message = f"There is no open hold on this {kind}: it is {status}."
    return Violation(ErrorCode.HOLD_CLOSED, message, "", "T6")


def hold_not_open(turn: int) -> Violation:
    """The refusal of a reviewer's decision on a hold that is over, or that never was, while another one is open (T6)."""
    message = f"Hold {turn} is not open. Read what is open now, and decide on that by its turn."
    return Violation(ErrorCode.HOLD_CLOSED, message, "/turn", "T6")


def closed(kind: str, status: str) -> Violation:
    """The refusal of a command to an entity that has ended in this status."""
    message = f"This {kind} is {status} and cannot be changed any more; open a new order instead."
    return Violation(ErrorCode.ENTITY_CLOSED, message)
