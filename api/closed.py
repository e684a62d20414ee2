"""What to say to somebody who writes to a life that is over."""

from __future__ import annotations

from domain.error_codes import ErrorCode
from domain.violations import Violation
from persistence.reading.entities import Entity

VOID = "The time to activate is over; nothing was or will be charged. Please order again."


def refusal_after_end(entity: Entity | None, command: str) -> Violation:
    """Why the command comes too late, with the way out that the entity's end leaves."""
    status = entity.status if entity is not None else "over"
    if status == "void" and command == "take_step":
        return Violation(ErrorCode.ACTIVATION_WINDOW_CLOSED, VOID, "", "P5")
    if command == "accept_invitation":
        return Violation(
            ErrorCode.INVITATION_EXPIRED,
            "This invitation has expired. Ask the account owner to invite you again.",
            "",
            "T3",
        )
    if entity is not None and entity.kind == "order" and status == "completed":
        message = (
            "This order is completed. Its subscriptions live on: stop their renewal, or change them there."
        )
        return Violation(ErrorCode.ENTITY_CLOSED, message)
    return Violation(
        ErrorCode.ENTITY_CLOSED, f"This is {status} and cannot be changed any more; open a new order instead."
    )
