"""Screening and the export hold: clear, hold for two reviewers, or reject (T4–T6)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from activities.contracts.screening import SCREEN, ScreeningRequest
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.compliance.export import Decision, Reason, ScreeningOutcome
from jalon.domain.compliance.export import decide as decide_export
from jalon.domain.emails import ExportHold, OrderRejected
from jalon.domain.statuses import OrderStatus
from workflows.engine import options
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import Step, StepName, takes
from workflows.order.life import OrderLife
from workflows.shared_steps.holds import REVIEWERS, SKIPPED, DecideHold, Hold, decided, no_hold


async def until_cleared(order: OrderLife) -> None:
    """Judges the destinations, screens the parties where the terms require it, and waits for the reviewers of a hold (T6, X20)."""
    state, terms = order.state, known(order.state.terms)
    if order.is_over() or state.cleared_at is not None:
        return
    if terms.export.certificate_required:
        state.move_to(OrderStatus.SCREENING)
        order.transition.touch()
        outcome = await _screen(order)
        if order.is_over():
            return
    else:
        outcome = _judge_destinations(order)
        if outcome.decision == Decision.CLEAR:
            return
        state.move_to(OrderStatus.SCREENING)
    if outcome.decision == Decision.CLEAR:
        state.cleared_at = state.now
        state.move_to(OrderStatus.SUBMITTED)
        order.transition.record_event(state.now, events.ScreeningCleared())
    elif outcome.decision == Decision.REJECT:
        _reject(order, outcome.reasons)
    else:
        _hold(order, outcome.reasons)
        await order.until(lambda: order.is_over() or state.cleared_at is not None)


def countries(order: OrderLife) -> tuple[str, ...]:
    """The countries of the buyer and of the billing address."""
    country = known(order.state.cart).country
    return tuple(sorted({country, known(order.state.placement).billing_country or country}))


def _judge_destinations(order: OrderLife) -> ScreeningOutcome:
    """The decision on the countries alone, where no line asks for a certificate."""
    terms = known(order.state.terms)
    classes = {each for line in terms.lines for each in line.software_classes}
    region = known(order.state.placement).billing_region
    return decide_export(None, countries(order), (), terms.export, sorted(classes), region)


async def _screen(order: OrderLife) -> ScreeningOutcome:
    state = order.state
    request = ScreeningRequest(
        state.store,
        state.id,
        order.buyer,
        countries(order),
        state.certificate,
        known(state.terms),
        known(state.placement).billing_region,
        known(state.cart).buyer_names,
    )
    try:
        return await order.perform(StepName.SCREENING, SCREEN, request, options.SCREENING)
    except Skipped:
        return SKIPPED


def _hold(order: OrderLife, reasons: tuple[Reason, ...]) -> None:
    state, terms = order.state, known(order.state.terms)
    state.move_to(OrderStatus.EXPORT_HOLD)
    state.hold = Hold.of(state.now, reasons, state.placements)
    until = closes_at(state.now, Duration.parse(terms.export.hold_max), terms.store.calendar)
    state.agenda.put(Entry(Due.HOLD_MAX, until, Due.HOLD_MAX, "T6", "law", closing=True))
    order.transition.record_event(
        state.now, events.ExportHoldOpened(reasons=tuple(reason.code for reason in reasons))
    )
    order.mail(ExportHold(**order.line_facts()), f"export-hold/{state.placements}", order.buyer)


def _reject(order: OrderLife, reasons: tuple[Reason, ...], actor: str | None = None) -> None:
    order.close(OrderStatus.REJECTED)
    order.transition.record_event(
        order.state.now, events.OrderRejected(reasons=tuple(reason.code for reason in reasons)), actor=actor
    )
    order.mail(OrderRejected(**order.line_facts()), "order-rejected", order.buyer)


async def decide(order: OrderLife, request: DecideHold, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Records a reviewer's decision. One rejection ends the order; releases by two different people let it continue."""
    state, hold = order.state, order.state.hold
    if state.status is not OrderStatus.EXPORT_HOLD or hold is None:
        return no_hold("order", state.status)
    objection = decided(order, hold, request, message)
    if objection is not None:
        return objection
    if hold.is_rejected:
        _reject(order, (Reason("rejected_by_reviewer", "T6", "Rejected in review."),), message.actor)
    elif hold.is_released:
        state.cleared_at = state.now
        state.move_to(OrderStatus.SUBMITTED)
        state.agenda.remove(Due.HOLD_MAX)
        order.transition.record_event(state.now, events.HoldReleased(turn=hold.turn))
    return {"order": state.id, "decisions": len(hold.decisions), "needed": REVIEWERS}


async def give_up(order: OrderLife, entry: Entry) -> None:
    """Cancels the order at no charge when nobody released the hold in time."""
    order.close(OrderStatus.CANCELLED)
    order.transition.record_event(order.state.now, events.HoldExpired())
    order.expire("hold_expired", "T6")
    order.tell_cancelled("hold_expired")


def _is_held(order: OrderLife, _: MailRequest) -> bool:
    return order.state.status is OrderStatus.EXPORT_HOLD


STEP = Step(takes=(takes(DecideHold, decide),), due={Due.HOLD_MAX: give_up}, stands={ExportHold: _is_held})
