"""The subscription: its moves, its milestones, and its refusals after its end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from jalon.domain.emails import Milestone
from jalon.domain.kinds.kind import Kind, View
from jalon.domain.kinds.poles import awaited, reached
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.refusals import activation_closed, closed, invitation_expired
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.violations import Violation

_S = SubscriptionStatus

MOVES: Mapping[StrEnum, frozenset[StrEnum]] = {
    _S.NEW: frozenset({_S.PENDING_ACTIVATION}),
    _S.PENDING_ACTIVATION: frozenset({_S.ACTIVE, _S.VOID}),
    _S.ACTIVE: frozenset({_S.ENDED}),
    _S.ENDED: frozenset({_S.DATA_RETAINED}),
    _S.DATA_RETAINED: frozenset({_S.PURGED}),
    _S.PURGED: frozenset(),
    _S.VOID: frozenset(),
}


def milestones(view: View) -> tuple[Milestone, ...]:
    """The pole of a subscription."""
    poles = [reached("ordered", view["ordered_at"])]
    if view["status"] in (SubscriptionStatus.PENDING_ACTIVATION, SubscriptionStatus.VOID):
        return (*poles, *_activation(view))
    poles.append(reached("active", None))
    if view.get("ended_at"):
        gone = view["status"] == SubscriptionStatus.PURGED
        poles.append(reached("term_end", view["ended_at"]))
        poles.append(
            reached("purged", view["retained_until"])
            if gone
            else awaited("data_kept", view["retained_until"])
        )
    elif view.get("stop_requested_at"):
        poles.append(awaited("term_end", view["term_end"]))
    else:
        committed = view.get("renewal_committed_at") is not None
        poles.append(
            reached("stop_cutoff", view["stop_by"]) if committed else awaited("stop_cutoff", view["stop_by"])
        )
        poles.append(awaited("renewal", view["term_end"]))
    return tuple(poles)


def _activation(view: View) -> list[Milestone]:
    poles = [
        reached(step["step"], step["done_at"]) if step["done_at"] else awaited(step["step"])
        for step in view["steps"]
    ]
    return [
        *poles,
        awaited("active", view["activation_by"] if view["status"] != SubscriptionStatus.VOID else None),
    ]


def after_end(status: str, command: str) -> Violation:
    """The refusal of a command to a subscription that has ended, with the remedy."""
    if status == SubscriptionStatus.VOID and command == "take_step":
        return activation_closed()
    if command == "accept_invitation":
        return invitation_expired("T3")
    return closed("subscription", status)


SUBSCRIPTION = Kind(
    "subscription", "subscriptions", "sub", MOVES, milestones, after_end, SubscriptionProjection
)
