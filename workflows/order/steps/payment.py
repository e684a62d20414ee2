"""Payment of an order: a capture at placement, or a mandate for charges at activation, by the terms of each line (P5, D8, X3)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.payments import PAY, PaymentOutcome, PaymentRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import OrderConfirmed, PaymentActionRequired, PaymentFailed
from jalon.domain.money import Money
from jalon.domain.projections import PaymentState
from jalon.domain.statuses import OrderStatus
from workflows.engine import options
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.effects import Compensated, Skipped
from workflows.engine.state import known
from workflows.engine.step import Step, StepName, dated, takes
from workflows.order.life import OrderLife
from workflows.order.steps import cancellation, news
from workflows.shared_steps import reversal
from workflows.shared_steps.mandates import Mandate
from workflows.shared_steps.payments import Payment, PaymentReported


async def until_secured(order: OrderLife) -> None:
    """Takes what is due now and the authority for what is due later. A decline returns the order to its cart."""
    if order.is_over():
        return
    if not known(order.state.terms).total.amount:
        _nothing_to_pay(order)
        return
    request, reported = _request(order), order.state.reported
    outcome = await _pay(order, request)
    while outcome.state == "action_required" and not _called_off(order):
        await _confirmed(order, request, outcome, reported)
        if order.is_over():
            break
        if order.confirmation_over:
            outcome = await _asked_at_closing(order, request, outcome)
        else:
            reported = order.state.reported
            outcome = await _pay(order, request)
    if _called_off(order):
        cancellation.honour(order)
        refunded = await reversal.reverse(order, request, outcome)
        order.tell_cancelled("requested" if order.state.cancel_reason else "payment_missing", refunded)
    elif outcome.state == "declined":
        _declined(order, outcome, request.amount)
    else:
        _secured(order, request.purpose, outcome, request.amount)


def _called_off(order: OrderLife) -> bool:
    """Whether the order has ended, or is to end once this payment has: what it took goes back."""
    return order.is_over() or order.state.cancellation is not None


def _request(order: OrderLife) -> PaymentRequest:
    """The request for what is charged at placement or, where nothing is, for the mandate of all later charges."""
    state, terms = order.state, known(order.state.terms)
    amount = Money.zero(terms.total.currency)
    for line in terms.lines:
        if line.charge_at == "order":
            amount += line.amount
    purpose, amount = ("charge", amount) if amount.amount else ("mandate", terms.total)
    method = known(state.placement).payment_method
    return PaymentRequest(state.store, state.id, purpose, 0, state.placements, amount, method, state.now)


async def _pay(order: OrderLife, request: PaymentRequest) -> PaymentOutcome:
    order.paying = True
    try:
        return await order.perform(StepName.PAYMENT, PAY, request, options.PAYMENT)
    except Skipped as skipped:
        reference = str(skipped.evidence.get("reference", "by hand"))
        return PaymentOutcome("succeeded", order.state.now, reference)
    except Compensated:
        # The look-up may stop as well: whoever cancelled is answered before it.
        order.paying, order.undoing = False, True
        cancellation.honour(order)
        order.given_back = await reversal.undo(order, request)
        if order.is_over():
            order.tell_cancelled("requested", order.given_back)
        raise
    finally:
        order.paying = False


async def _confirmed(
    order: OrderLife, request: PaymentRequest, outcome: PaymentOutcome, reported: int
) -> None:
    """Waits for the buyer's confirmation at the bank, with the news clock paused.

    `reported`: number of provider reports received before our request; a larger count means a new one.
    """
    state, terms = order.state, known(order.state.terms)
    if state.payment is None:
        window = Duration.parse(terms.authentication_window)
        confirm_by = closes_at(state.now, window, terms.store.calendar)
        state.payment = Payment(
            "action_required", state.placements, outcome.reference, url=outcome.url, confirm_by=confirm_by
        )
        news.wait_for_customer(order)
        order.transition.record_event(state.now, events.PaymentActionRequired(confirm_by=confirm_by))
        email = PaymentActionRequired(
            **order.line_facts(),
            amount=request.amount,
            confirm_by=confirm_by,
            occasion="mandate" if request.purpose == "mandate" else "order",
        )
        order.mail(email, f"payment-action/{state.placements}", order.buyer)
    due_at = known(state.payment.confirm_by)
    state.agenda.put(Entry(Due.AUTHENTICATION, due_at, Due.AUTHENTICATION, None, "vendor", closing=True))
    order.transition.touch()
    await order.until(lambda: order.is_over() or order.confirmation_over or state.reported > reported)


async def _asked_at_closing(
    order: OrderLife, request: PaymentRequest, outcome: PaymentOutcome
) -> PaymentOutcome:
    """Asks the provider before the closing takes effect: paid in time is paid, also where its report was lost (X17).

    An open confirmation is withdrawn in the same step, so that nobody pays an order that ends. While the provider cannot be asked, the
    order stays as it is.
    """
    if request.purpose == "mandate":
        outcome = await _pay(order, request)
    else:
        outcome = await reversal.withdraw(order, request, outcome)
    if outcome.state != "succeeded" and not order.is_over():
        order.close(OrderStatus.CANCELLED)
        order.transition.record_event(order.state.now, events.PaymentMissing())
        order.expire("authentication_window_closed", None)
    return outcome


def _settle(order: OrderLife) -> None:
    order.state.agenda.remove(Due.AUTHENTICATION)
    news.go_on(order)


def _declined(order: OrderLife, outcome: PaymentOutcome, amount: Money) -> None:
    state, terms = order.state, known(order.state.terms)
    _settle(order)
    news.told(order)
    state.payment = Payment("declined", state.placements, outcome.reference, outcome.code)
    state.declined_at = state.now
    state.move_to(OrderStatus.CART)
    until = closes_at(
        state.now, Duration.parse(known(state.cart_terms).abandoned_after), terms.store.calendar
    )
    state.agenda.put(Entry(Due.CART_ABANDONED, until, Due.CART_ABANDONED, None, "vendor", closing=True))
    order.transition.record_event(state.now, events.PaymentDeclined(code=outcome.code))
    facts = order.line_facts()
    occurrence = f"payment-failed/{state.placements}"
    order.mail(
        PaymentFailed(**facts, amount=amount, occasion="order", settle_by=until), occurrence, order.buyer
    )


def _nothing_to_pay(order: OrderLife) -> None:
    """Lets a free order go on. It needs no charge and no mandate."""
    state = order.state
    state.secured_at = state.now
    total, number = known(state.terms).total, known(state.placement).purchase_order_number
    email = OrderConfirmed(**order.line_facts(), total=total, purchase_order_number=number)
    order.mail(email, "order-confirmed", order.buyer)


def _secured(order: OrderLife, purpose: str, outcome: PaymentOutcome, amount: Money) -> None:
    state = order.state
    _settle(order)
    state.secured_at = outcome.at
    state.payment = Payment(
        "captured" if purpose == "charge" else "mandate", state.placements, outcome.reference
    )
    state.mandate = _mandate(order, outcome) if purpose == "mandate" else None
    secured = events.PaymentCaptured if purpose == "charge" else events.MandateStored
    order.transition.record_event(state.now, secured(amount=amount))
    if purpose == "charge":
        facts = order.line_facts()
        total = known(state.terms).total
        number = known(state.placement).purchase_order_number
        email = OrderConfirmed(**facts, total=total, charged=amount, purchase_order_number=number)
        order.mail(email, "order-confirmed", order.buyer)


def _mandate(order: OrderLife, outcome: PaymentOutcome) -> Mandate:
    state, terms = order.state, known(order.state.terms)
    reference, lines = known(outcome.reference), len(terms.lines)
    return Mandate(reference, state.id, state.placements, terms.total, lines)


async def reported(
    order: OrderLife, request: PaymentReported, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records a provider's report, after which the payment is read again. Receipts stamped in time stay in time meanwhile (G3)."""
    order.state.reported += 1
    order.state.agenda.remove(Due.AUTHENTICATION)
    order.transition.record_event(order.state.now, events.PaymentReported(), actor=message.actor)
    return {"order": order.state.id}


async def give_up(order: OrderLife, entry: Entry) -> None:
    """Lets the payment step ask the provider, which knows whether the buyer confirmed, before the order is cancelled."""
    order.confirmation_over = True


def _confirmed_by(order: OrderLife, request: MailRequest) -> MailRequest:
    entry = order.state.agenda.find(Due.AUTHENTICATION)
    return dated(request, "confirm_by", entry.due_at if entry else None)


def _is_open(order: OrderLife, _: MailRequest) -> bool:
    payment = order.state.payment
    return payment is not None and payment.state == PaymentState.ACTION_REQUIRED and not order.is_over()


def _is_declined(order: OrderLife, _: MailRequest) -> bool:
    return order.state.declined_at is not None and not order.is_over()


STEP = Step(
    takes=(takes(PaymentReported, reported),),
    due={Due.AUTHENTICATION: give_up},
    redate={PaymentActionRequired: _confirmed_by},
    stands={PaymentActionRequired: _is_open, PaymentFailed: _is_declined},
)
