"""The end-use certificate: the buyer answers the questionnaire before or after placement; without it the order waits (T5)."""

from __future__ import annotations

from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import CertificateRequested
from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import OrderStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, dated, mail_step, takes
from workflows.order.commands import AnswerCertificate
from workflows.order.life import OrderLife
from workflows.order.steps import news


async def until_answered(order: OrderLife) -> None:
    """Requests the certificate when the terms require one and waits for the buyer. The news clock is paused meanwhile (T10)."""
    state = order.state
    terms = known(state.terms)
    if not terms.export.certificate_required or state.certificate is not None:
        return
    occurrence = f"certificate-requested/{state.placements}"
    due_at = closes_at(state.now, Duration.parse(terms.export.certificate_window), terms.store.calendar)
    state.agenda.put(
        Entry(
            Due.CERTIFICATE_WINDOW,
            due_at,
            Due.CERTIFICATE_WINDOW,
            "T5",
            "vendor",
            closing=True,
            blocked_by=mail_step(occurrence),
        )
    )
    news.wait_for_customer(order)
    order.transition.record_event(state.now, events.CertificateRequested(answer_by=due_at))
    order.mail(CertificateRequested(**order.line_facts(), answer_by=due_at), occurrence, order.buyer)
    await order.until(lambda: order.is_over() or state.certificate is not None)


async def answer(
    order: OrderLife, request: AnswerCertificate, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records the answers. New answers replace the former ones until the order is screened."""
    state = order.state
    if state.status is not OrderStatus.CART and not _is_to_be_screened(order):
        return refused(
            ErrorCode.CERTIFICATE_CLOSED,
            f"The certificate cannot be changed: the order is {state.status}.",
            "T5",
        )
    entry = state.agenda.find(Due.CERTIFICATE_WINDOW)
    if entry is not None and message.at >= entry.due_at:
        return refused(
            ErrorCode.CERTIFICATE_WINDOW_CLOSED,
            "The time to answer the certificate is over; please order again.",
            "T5",
        )
    state.certificate = request.record
    state.agenda.remove(Due.CERTIFICATE_WINDOW)
    news.go_on(order)
    order.transition.record_event(state.now, events.CertificateAnswered(), actor=message.actor)
    return {"order": state.id}


def _is_to_be_screened(order: OrderLife) -> bool:
    """Whether a placed order still takes answers: it needs them, and was not cleared. What is screened is what was declared (T5, T6)."""
    state = order.state
    asked = state.status is OrderStatus.SUBMITTED and known(state.terms).export.certificate_required
    return asked and state.cleared_at is None


async def give_up(order: OrderLife, entry: Entry) -> None:
    """Cancels the order at no charge when no certificate came in time."""
    order.close(OrderStatus.CANCELLED)
    order.transition.record_event(order.state.now, events.CertificateMissing())
    order.expire("certificate_window_closed", "T5")
    order.tell_cancelled("certificate_missing")


def _dated(order: OrderLife, request: MailRequest) -> MailRequest:
    entry = order.state.agenda.find(Due.CERTIFICATE_WINDOW)
    return dated(request, "answer_by", entry.due_at if entry else None)


def _is_awaited(order: OrderLife, _: MailRequest) -> bool:
    return order.state.certificate is None and not order.is_over()


STEP = Step(
    takes=(takes(AnswerCertificate, answer),),
    due={Due.CERTIFICATE_WINDOW: give_up},
    redate={CertificateRequested: _dated},
    stands={CertificateRequested: _is_awaited},
)
