"""What refuses a command that comes too late: one wording, whether the workflow, the API or the relay says it."""

from __future__ import annotations

from jalon.domain.error_codes import ErrorCode
from jalon.domain.violations import Violation


def activation_closed() -> Violation:
    """The step came when the activation window was closed, or the line was void already (P5)."""
    message = "The time to activate is over; nothing was or will be charged. Please order again."
    return Violation(ErrorCode.ACTIVATION_WINDOW_CLOSED, message, "", "P5")


def invitation_expired(rule: str) -> Violation:
    """The set-up came after its hours (T2), or through a link that is dead (T3)."""
    message = "This invitation has expired. Ask the account owner to invite you again."
    return Violation(ErrorCode.INVITATION_EXPIRED, message, "", rule)


def closed(kind: str, status: str) -> Violation:
    """The entity has ended in this status, and takes nothing more."""
    message = f"This {kind} is {status} and cannot be changed any more; open a new order instead."
    return Violation(ErrorCode.ENTITY_CLOSED, message)
