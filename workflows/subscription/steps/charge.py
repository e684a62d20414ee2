"""Charging a term, at activation or at the start of a renewal (G8). After a decline the customer has a recovery window (X3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from activities.contracts.mail import MailRequest
from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, extended_by_parking, later
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import PaymentActionRequired, PaymentFailed, PaymentRecovered
from jalon.domain.error_codes import ErrorCode
from jalon.domain.events import ABSENT, Absent
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine import options
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.effects import Compensated, Skipped
from workflows.engine.state import known
from workflows.engine.step import Step, StepName, dated, takes
from workflows.shared_steps import reversal
from workflows.shared_steps.payments import Payment, PaymentReported
from workflows.subscription.commands import ChangePaymentMethod
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.steps import endings, mandate

Occasion = Literal["activation", "renewal"]


async def until_settled(subscription: SubscriptionLife, occasion: Occasion) -> None:
    """Charges the term. After a decline it waits for a new payment method until the recovery window closes. A free term costs nothing."""
    state = subscription.state
    state.paid, state.first_failure_at, state.settle_by = not known(state.line).amount.amount, None, None
    while not state.paid and not subscription.is_over():
        request, reported = _request(subscription), state.reported
        subscription.charged_under = request.reference
        try:
            await _settle(subscription, request, occasion, reported)
        finally:
            subscription.charged_under = None
            mandate.release(subscription)


async def _settle(
    subscription: SubscriptionLife, request: PaymentRequest, occasion: Occasion, reported: int
) -> None:
    stood_before = subscription.state.parked_time
    outcome = await _charge(subscription, request)
    _stood_still(subscription, subscription.state.parked_time - stood_before)
    if subscription.is_over():
        await reversal.reverse(subscription, request, outcome)
    elif outcome.state == "succeeded":
        _paid(subscription, outcome, occasion)
    else:
        await _until_retried(subscription, request, outcome, occasion, reported)


def _stood_still(subscription: SubscriptionLife, stood_for: timedelta) -> None:
    """Adds the time that a charge stood still to the time to settle it: a method given in time may be declined after it (X3)."""
    state = subscription.state
    if not stood_for or state.first_failure_at is None:
        return
    line, calendar = known(state.line), known(state.terms).calendar
    settle_by = closes_at(state.first_failure_at, Duration.parse(line.recovery_window), calendar)
    state.settle_by = extended_by_parking(later(settle_by, state.settle_by or settle_by), stood_for, calendar)


async def _until_retried(
    subscription: SubscriptionLife,
    request: PaymentRequest,
    outcome: PaymentOutcome,
    occasion: Occasion,
    reported: int,
) -> None:
    """Waits for a new method or a report. An open confirmation is withdrawn first, so that nobody pays twice.

    `reported`: number of provider reports received before our request; a larger count means a new one.
    """
    state = subscription.state
    if state.method == request.method:
        _unpaid(subscription, outcome, occasion)
    else:
        # The customer has replaced this method already: the new one is asked at once, and nobody hears of the former.
        state.generation = request.generation + 1
        _record(subscription, outcome)
    await subscription.until(
        lambda: (
            subscription.is_over()
            or state.generation > request.generation
            or state.reported > reported
            or state.recovery_over is not None
        )
    )
    closing = state.recovery_over
    replaced = subscription.is_over() or state.generation > request.generation or closing is not None
    if outcome.state == "action_required" and replaced:
        outcome = await reversal.withdraw(subscription, request, outcome)
        if outcome.state == "succeeded" and subscription.is_over():
            await reversal.give_back(subscription, StepName.REFUND, request, outcome)
        elif outcome.state == "succeeded":
            _paid(subscription, outcome, occasion)
    state.recovery_over = None
    if closing is not None and not state.paid and not subscription.is_over():
        endings.unrecovered(subscription, closing)


def _request(subscription: SubscriptionLife) -> PaymentRequest:
    state, line = subscription.state, known(subscription.state.line)
    return PaymentRequest(
        state.store,
        state.id,
        "charge",
        state.term,
        state.generation,
        line.amount,
        state.method,
        state.now,
        state.mandate.reference if state.mandate else None,
    )


async def _charge(subscription: SubscriptionLife, request: PaymentRequest) -> PaymentOutcome:
    if not request.method:
        # A free order needs no payment method; its renewal may have a price.
        return PaymentOutcome("declined", subscription.state.now, code="no_payment_method")
    try:
        return await subscription.perform(StepName.CHARGE, PAY, request, options.PAYMENT)
    except Skipped as skipped:
        reference = str(skipped.evidence.get("reference", "by hand"))
        return PaymentOutcome("succeeded", subscription.state.now, reference)
    except Compensated:
        await reversal.undo(subscription, request)
        raise


def _paid(subscription: SubscriptionLife, outcome: PaymentOutcome, occasion: Occasion) -> None:
    state, line = subscription.state, known(subscription.state.line)
    state.paid, state.past_due_since = True, None
    state.payment = Payment("captured", state.generation, outcome.reference)
    state.agenda.remove(Due.RECOVERY)
    subscription.transition.record_event(
        state.now, events.PaymentCaptured(amount=line.amount, term=state.term), "G8"
    )
    if state.first_failure_at is not None:
        facts = subscription.line_facts()
        occurrence = f"payment-recovered/{state.term}/{state.generation}"
        subscription.mail_admin(PaymentRecovered(**facts, amount=line.amount, occasion=occasion), occurrence)


def _unpaid(subscription: SubscriptionLife, outcome: PaymentOutcome, occasion: Occasion) -> None:
    state, line = subscription.state, known(subscription.state.line)
    if state.first_failure_at is None:
        state.first_failure_at = state.now
    recovery = closes_at(
        state.first_failure_at, Duration.parse(line.recovery_window), known(state.terms).calendar
    )
    settle_by = later(recovery, state.settle_by or recovery)
    if occasion == "activation" and state.activation_by:
        settle_by = later(settle_by, state.activation_by)
    if occasion == "renewal" and state.past_due_since is None:
        state.past_due_since = state.now
    state.agenda.put(
        Entry(Due.RECOVERY, settle_by, Due.RECOVERY, "X3", "vendor", closing=True, blocked_by=StepName.CHARGE)
    )
    state.payment = Payment(outcome.state, state.generation, outcome.reference, outcome.code, outcome.url)
    _record(subscription, outcome, settle_by)
    if settle_by <= subscription.present():
        # A method that came in time was declined after it: the end follows at once and tells of itself.
        return
    facts, turn = subscription.line_facts(), f"{state.term}/{state.generation}"
    if outcome.state == "action_required":
        email = PaymentActionRequired(**facts, amount=line.amount, confirm_by=settle_by, occasion=occasion)
        subscription.mail_admin(email, f"payment-action/{turn}")
    else:
        failed = PaymentFailed(**facts, amount=line.amount, occasion=occasion, settle_by=settle_by)
        subscription.mail_admin(failed, f"payment-failed/{turn}")


def _record(
    subscription: SubscriptionLife, outcome: PaymentOutcome, settle_by: datetime | Absent = ABSENT
) -> None:
    unpaid = events.PaymentActionRequired if outcome.state == "action_required" else events.PaymentDeclined
    event = unpaid(code=outcome.code, settle_by=settle_by)
    subscription.transition.record_event(subscription.state.now, event, "X3")


async def change_method(
    subscription: SubscriptionLife, request: ChangePaymentMethod, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records a new payment method: used from now on, and at once where a charge waits for it (P9, P10)."""
    state = subscription.state
    if subscription.is_over():
        return refused(
            ErrorCode.NOT_ACTIVE, f"This subscription is {state.status}; there is nothing left to pay.", "P10"
        )
    entry = state.agenda.find(Due.RECOVERY) or state.recovery_over
    if state.status is SubscriptionStatus.PENDING_ACTIVATION and not subscription.steps_complete:
        return refused(
            ErrorCode.NOT_ACTIVE, "The payment method can be changed once the subscription is active.", "P10"
        )
    if entry is not None and message.at >= entry.due_at:
        return refused(ErrorCode.RECOVERY_WINDOW_CLOSED, "The time to settle this payment is over.", "X3")
    state.method = request.method
    mandate.give_up(subscription)
    if entry is not None:
        state.generation += 1
        state.agenda.remove(Due.RECOVERY)
    subscription.transition.record_event(state.now, events.PaymentMethodChanged(), actor=message.actor)
    return {"subscription": state.id}


async def reported(
    subscription: SubscriptionLife, request: PaymentReported, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records a provider's report, after which the payment is read again. Receipts stamped in time stay in time meanwhile (G3)."""
    subscription.state.reported += 1
    subscription.state.agenda.remove(Due.RECOVERY)
    subscription.transition.record_event(
        subscription.state.now, events.PaymentReported(), actor=message.actor
    )
    return {"subscription": subscription.state.id}


async def give_up(subscription: SubscriptionLife, entry: Entry) -> None:
    """Voids a pending line, or ends a running one, when nobody settled the payment in time.

    A payment that waits for its customer is asked for at the provider first: paid in time is paid (X17).
    """
    payment = subscription.state.payment
    if payment is not None and payment.state == "action_required":
        subscription.state.recovery_over = entry
    else:
        endings.unrecovered(subscription, entry)


def _settled_by(subscription: SubscriptionLife, request: MailRequest) -> MailRequest:
    entry = subscription.state.agenda.find(Due.RECOVERY)
    field = "confirm_by" if request.template == PaymentActionRequired.template else "settle_by"
    return dated(request, field, entry.due_at if entry else None)


def _is_owed(subscription: SubscriptionLife, _: MailRequest) -> bool:
    return not (subscription.state.paid or subscription.is_over())


STEP = Step(
    takes=(
        takes(ChangePaymentMethod, change_method),
        takes(PaymentReported, reported),
    ),
    due={Due.RECOVERY: give_up},
    redate={PaymentActionRequired: _settled_by, PaymentFailed: _settled_by},
    stands={PaymentActionRequired: _is_owed, PaymentFailed: _is_owed},
)
