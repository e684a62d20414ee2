"""The parts that the projections of orders and subscriptions share, computed from their states."""

from __future__ import annotations

from typing import Any

from jalon.domain import projections
from jalon.domain.projections import HaltedStep, HoldProjection, HoldReason, ParkedStep, PaymentState
from workflows.engine.state import EntityState
from workflows.shared_steps.holds import Hold
from workflows.shared_steps.payments import Payment


def parked_steps(state: EntityState) -> tuple[ParkedStep, ...]:
    """The parked steps, each with the input that an operator may edit."""
    return tuple(
        ParkedStep(
            step=parked.step,
            cause=parked.cause,
            fingerprint=parked.fingerprint,
            since=parked.since,
            reason=parked.reason,
            editable={name: parked.request[name] for name in sorted(parked.editable)},
            real_since=parked.real_since,
        )
        for parked in state.parked.values()
    )


def halted_steps(state: EntityState) -> tuple[HaltedStep, ...]:
    """The steps that an emergency stop holds."""
    return tuple(
        HaltedStep(step=each.step, stop=each.stop, since=each.since, real_since=each.real_since)
        for each in state.halted.values()
    )


def payment(kept: Payment | None) -> projections.Payment | None:
    """The state of the payment, without the provider's reference."""
    if kept is None:
        return None
    return projections.Payment(state=PaymentState(kept.state), code=kept.code, action_url=kept.url)


def held(hold: Hold | None) -> HoldProjection | None:
    """The hold with its reasons and decisions."""
    return HoldProjection(**hold_facts(hold)) if hold is not None else None


def hold_facts(hold: Hold) -> dict[str, Any]:
    """The fields of every hold."""
    return {
        "opened_at": hold.opened_at,
        "reasons": tuple(HoldReason(**reason) for reason in hold.reasons),
        "decisions": hold.decisions,
        "turn": hold.turn,
    }
