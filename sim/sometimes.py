"""The interesting states: what a run of some size must come through, or it proves less than it says."""

from __future__ import annotations

from collections.abc import Mapping

from domain.statuses import OrderStatus, Standing, SubscriptionStatus

ENOUGH = 300
"""So many lives come through every state; a run of fewer only lists what it has not met."""

STATUSES: Mapping[str, tuple[str, ...]] = {
    "order": tuple(status for status in OrderStatus if status is not OrderStatus.NEW),
    "subscription": (
        *(status for status in SubscriptionStatus if status is not SubscriptionStatus.NEW),
        *Standing,
    ),
}
"""The words that people read, by kind."""

REFUSALS = (
    "activation_window_closed",
    "already_assigned",
    "already_parked",
    "certificate_closed",
    "document_changed",
    "edit_invalid",
    "entity_closed",
    "hold_closed",
    "invitation_expired",
    "no_free_seat",
    "no_user_management",
    "not_active",
    "not_compensable",
    "not_editable",
    "not_parked",
    "not_pending",
    "order_active",
    "order_closed",
    "order_placed",
    "payment_in_progress",
    "renewal_committed",
    "same_reviewer",
    "signer_missing",
    "step_out_of_order",
    "unknown_seat",
)
UNREACHED = {
    "certificate_window_closed": "an answer from the deadline on is heard after the closing, which cancels the order: certificate_closed",
    "recovery_window_closed": "a new method from the deadline on is heard after the closing, which ends the subscription: not_active",
}
"""Refusals of the product that a life cannot come to, and why."""

PARKED = ("payment", "charge", "screening", "refund", "release", "withdraw", "find", "mail")
RACES = (
    "activation window",
    "cart",
    "certificate window",
    "hold",
    "invitation",
    "recovery",
    "renewal switch",
)
TROUBLE = (
    "death: worker",
    "death: api",
    "death: relay",
    "outage: more than five minutes",
    "reset",
    "epoch: a reset took another course",
    "mail: one Message-ID arrived again",
    "gateway: a webhook was lost",
    "policy: dearer",
    "policy: withdrawn",
    "held by a parked step: certificate_window",
    "job order: all jobs at once",
    "job order: as of old",
)


def required() -> tuple[str, ...]:
    """The name of every interesting state, as lives mark it."""
    return (
        *(f"status: {kind} {status}" for kind, statuses in STATUSES.items() for status in statuses),
        *(f"refused: {code}" for code in REFUSALS),
        *(f"parked: {step}" for step in PARKED),
        *(f"race: {race}, {side}" for race in RACES for side in ("in time", "too late")),
        *TROUBLE,
    )


def never_reached(marks: Mapping[str, int]) -> list[str]:
    """The interesting states that no life came through."""
    return [name for name in required() if not marks.get(name)]
