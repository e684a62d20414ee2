"""Reversal: undoes a payment that is no longer needed."""

from __future__ import annotations

import dataclasses
from typing import Any

from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from jalon.domain import events
from jalon.domain.money import Money
from workflows.engine import options
from workflows.engine.effects import Skipped
from workflows.engine.step import StepName

UNDONE = {
    StepName.REFUND: events.PaymentRefunded,
    StepName.RELEASE: events.MandateReleased,
    StepName.WITHDRAW: events.PaymentWithdrawn,
}
BY_HAND = {
    StepName.REFUND: events.RefundByHand,
    StepName.RELEASE: events.ReleaseByHand,
    StepName.WITHDRAW: events.WithdrawByHand,
}


async def reverse(entity: Any, request: PaymentRequest, outcome: PaymentOutcome) -> Money | None:
    """Refunds a capture, releases a mandate, and withdraws a confirmation that the buyer has not given yet.

    Returns the amount that had been taken and goes back, None where nothing had been taken.
    """
    if outcome.state == "declined":
        return None
    if request.purpose == "mandate":
        await give_back(entity, StepName.RELEASE, request, outcome)
        return None
    if outcome.state == "action_required":
        outcome = await withdraw(entity, request, outcome)
    if outcome.state != "succeeded":
        return None
    await give_back(entity, StepName.REFUND, request, outcome)
    return request.amount


async def undo(entity: Any, request: PaymentRequest) -> Money | None:
    """Undoes a parked payment that an operator gave up: looks it up at the provider first. Returns what goes back, as `reverse` does."""
    finding = dataclasses.replace(request, purpose="find", reference=request.purpose, at=entity.state.now)
    try:
        outcome = await entity.perform(StepName.FIND, PAY, finding, options.PAYMENT)
    except Skipped:
        return None
    return await reverse(entity, request, outcome)


async def withdraw(entity: Any, request: PaymentRequest, outcome: PaymentOutcome) -> PaymentOutcome:
    """Withdraws a confirmation that is still open; returns succeeded when the buyer has confirmed it in the meantime."""
    return await give_back(entity, StepName.WITHDRAW, request, outcome)


async def give_back(
    entity: Any, purpose: StepName, request: PaymentRequest, outcome: PaymentOutcome
) -> PaymentOutcome:
    """Runs one undoing effect: refund, release or withdraw. An operator may skip it with evidence."""
    undoing = dataclasses.replace(request, purpose=purpose, reference=outcome.reference, at=entity.state.now)
    try:
        undone: PaymentOutcome = await entity.perform(purpose, PAY, undoing, options.PAYMENT)
    except Skipped as skipped:
        entity.transition.record_event(entity.state.now, BY_HAND[purpose](evidence=skipped.evidence))
        return PaymentOutcome("declined", entity.state.now, outcome.reference)
    entity.transition.record_event(
        entity.state.now, UNDONE[purpose](amount=request.amount, state=undone.state)
    )
    return undone
