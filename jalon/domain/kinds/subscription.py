"""The subscription: its moves, its milestones, and its refusals after its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from jalon.domain.due import Due
from jalon.domain.emails import Milestone
from jalon.domain.kinds.kind import Kind
from jalon.domain.kinds.poles import awaited, reached
from jalon.domain.projections import ChargeWait, SubscriptionProjection
from jalon.domain.refusals import activation_closed, closed, invitation_expired, transfer_over
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


def milestones(subscription: SubscriptionProjection) -> tuple[Milestone, ...]:
    """The pole of a subscription."""
    poles = [reached("ordered", subscription.ordered_at)]
    if subscription.status in (SubscriptionStatus.PENDING_ACTIVATION, SubscriptionStatus.VOID):
        return (*poles, *_activation(subscription))
    poles.append(reached("active", subscription.activated_at))
    if subscription.ended_at is not None:
        gone, until = subscription.status == SubscriptionStatus.PURGED, subscription.retained_until
        poles.append(reached("term_end", subscription.ended_at))
        poles.append(reached("purged", until) if gone else awaited("data_kept", until))
    elif subscription.past_due_since is not None:
        poles.append(awaited("payment", _recovery(subscription)))
    elif subscription.charge_waits_for is not None:
        poles += _waiting_charge(subscription.charge_waits_for)
    elif subscription.next_renewal_at is None:
        poles.append(awaited("term_end", subscription.usable_until))
    else:
        poles.append(_cutoff(subscription))
        poles.append(Milestone("renewal", "awaited", at=subscription.next_renewal_at))
    return tuple(poles)


def _cutoff(subscription: SubscriptionProjection) -> Milestone:
    """The cutoff of the renewal, reached where that very renewal is committed and not the one before it (D15)."""
    committed, cutoff = subscription.renewal_committed_at, subscription.stop_by
    is_reached = committed is not None and cutoff is not None and cutoff <= committed
    return reached("stop_cutoff", cutoff) if is_reached else awaited("stop_cutoff", cutoff)


def _waiting_charge(wait: ChargeWait) -> list[Milestone]:
    """The term that began, and what its charge waits for: the notice, then the time to refuse (X16)."""
    next_step = awaited("renewal_notice") if wait.until is None else awaited("stop_cutoff", wait.until)
    return [reached("renewal", wait.since), next_step, awaited("payment")]


def _activation(subscription: SubscriptionProjection) -> list[Milestone]:
    """The steps that were taken, then those that are awaited, the first of them until the window closes."""
    taken = [reached(each.step, each.done_at) for each in subscription.steps if each.done_at is not None]
    if subscription.status == SubscriptionStatus.VOID:
        return taken
    missing = [each.step for each in subscription.steps if each.done_at is None]
    closes = subscription.activates_before
    left = [awaited(step, None if number else closes) for number, step in enumerate(missing)]
    unpaid = not missing and _recovery(subscription)
    if unpaid:
        left.append(awaited("payment", unpaid))
    return [*taken, *left, awaited("active")]


def _recovery(subscription: SubscriptionProjection) -> datetime | None:
    """Until when a payment that failed may be settled (X3)."""
    return next((each.due_at for each in subscription.agenda if each.what == Due.RECOVERY), None)


def after_end(status: str, command: str) -> Violation:
    """The refusal of a command to a subscription that has ended, with the remedy."""
    if status == SubscriptionStatus.VOID and command == "take_step":
        return activation_closed()
    if command == "accept_invitation":
        return invitation_expired("T3")
    if command in ("accept_transfer", "call_off_transfer"):
        return transfer_over()
    return closed("subscription", status)


SUBSCRIPTION = Kind(
    "subscription", "subscriptions", "sub", MOVES, milestones, after_end, SubscriptionProjection
)
