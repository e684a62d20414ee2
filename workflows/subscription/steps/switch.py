"""The switch of the renewal: stopped and resumed until the cutoff, from which on the renewal is committed (D15, D16, H24)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_before_end, retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.emails import RenewalResumed, RenewalStopped
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import reason_missing
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.subscription.commands import ResumeRenewal, StopRenewal
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.steps import endings, notice, retention


async def stop(
    subscription: SubscriptionLife, request: StopRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Stops automatic renewal. The subscription ends with the term that the request falls in (D15, D16, H24)."""
    state = subscription.state
    if state.stop_requested_at is not None and state.status is SubscriptionStatus.ACTIVE:
        _, term_end = _switch(subscription, state.stop_requested_at)
        return {"subscription": state.id, "term_end": term_end}
    refusal = _switch_locked(subscription, message)
    if refusal is not None:
        return refusal
    if request.reason is None and state.stop_needs_reason:
        return Refused((reason_missing(),), 422)
    state.stop_requested_at = message.at
    if state.charge_waits_for is not None:
        return _refuse(subscription, request, message)
    stop_by, term_end = _switch(subscription, message.at)
    data_until = _data_until(subscription, term_end, message.at)
    subscription.transition.record_event(
        message.at,
        events.RenewalStopped(data_until=data_until, reason=request.reason, receipt=message.id),
        actor=message.actor,
    )
    email = RenewalStopped(
        **subscription.subscription_facts(),
        term_until=term_end,
        data_until=data_until,
        resume_by=stop_by,
        receipt=message.id,
    )
    subscription.mail(email, f"renewal-stopped/{message.seq}", state.admin)
    retention.announce_purge(subscription, data_until, state.now)
    notice.review(subscription)
    return {"subscription": state.id, "term_end": term_end, "data_until": data_until}


def _refuse(subscription: SubscriptionLife, request: StopRenewal, message: ReceivedCommand) -> dict[str, Any]:
    """Ends the running term at once: its customer was not told in time, owes nothing for it, and wants none of it (X16)."""
    state = subscription.state
    data_until = retention.closes_at(subscription, message.at)
    subscription.transition.record_event(
        message.at,
        events.RenewalStopped(data_until=data_until, reason=request.reason, receipt=message.id),
        actor=message.actor,
    )
    endings.end(subscription, message.at)
    return {"subscription": state.id, "term_end": message.at, "data_until": data_until}


async def resume(
    subscription: SubscriptionLife, request: ResumeRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Resumes automatic renewal, until the same cutoff."""
    state = subscription.state
    if state.status is SubscriptionStatus.ACTIVE and not known(state.line).renewal.automatic:
        said = "This subscription ends with its term and does not renew by itself; order again to go on."
        return refused(ErrorCode.RENEWAL_NOT_AUTOMATIC, said, "D14")
    if state.stop_requested_at is None and state.status is SubscriptionStatus.ACTIVE:
        _, renews_at = _switch(subscription, message.at)
        return {"subscription": state.id, "renews_at": renews_at}
    refusal = _switch_locked(subscription, message)
    if refusal is not None:
        return refusal
    state.stop_requested_at = None
    state.agenda.remove(Due.PURGE_WARNING)
    stop_by, term_end = _switch(subscription, message.at)
    event = events.RenewalResumed(receipt=message.id)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    email = RenewalResumed(
        **subscription.subscription_facts(),
        price=state.binding.amount,
        renews_at=term_end,
        stop_by=stop_by,
        receipt=message.id,
    )
    subscription.mail(email, f"renewal-resumed/{message.seq}", state.admin)
    await notice.announce_if_missing(subscription)
    notice.review(subscription)
    return {"subscription": state.id, "renews_at": term_end}


def _switch_locked(subscription: SubscriptionLife, message: ReceivedCommand) -> Refused | None:
    """The refusal of a switch from the cutoff until the new term starts, or None. The stamp decides (G3, D15)."""
    state = subscription.state
    if state.status is not SubscriptionStatus.ACTIVE:
        return refused(
            ErrorCode.NOT_ACTIVE,
            f"This subscription is {state.status}; its renewal cannot be switched.",
            "P10",
        )
    stop_by, end = _switch(subscription, message.at)
    calendar = known(state.terms).calendar
    if message.at >= stop_by:
        return refused(
            ErrorCode.RENEWAL_COMMITTED,
            f"The time to change the renewal is over since {calendar.wall(stop_by)}; "
            f"the switch opens again on {calendar.wall(end)}.",
            "D15",
        )
    return None


def _switch(subscription: SubscriptionLife, at: datetime) -> tuple[datetime, datetime]:
    """The cutoff and the end of the term that a switch at `at` applies to.

    While a parked charge keeps the next term from starting, that is a future term.
    """
    state, line, calendar = (
        subscription.state,
        known(subscription.state.line),
        known(subscription.state.terms).calendar,
    )
    number, stop_by, end = state.term, known(state.stop_by), known(state.term_end)
    while at >= end:
        number += 1
        _, end = term_bounds(known(state.anchor), Duration.parse(line.term), number, calendar)
        stop_by = closes_before_end(end, Duration.parse(line.renewal.stop_until), calendar)
    return stop_by, end


def is_stopped(subscription: SubscriptionLife) -> bool:
    """Whether the running term is the last one: its own renewal was stopped, not that of a future term."""
    requested_at = subscription.state.stop_requested_at
    return requested_at is not None and requested_at < known(subscription.state.term_end)


def _data_until(subscription: SubscriptionLife, term_end: datetime, requested_at: datetime) -> datetime:
    line, calendar = known(subscription.state.line), known(subscription.state.terms).calendar
    return retention_closes_at(term_end, requested_at, Duration.parse(line.retention), calendar)


async def commit_renewal(subscription: SubscriptionLife, entry: Entry) -> None:
    """Commits a renewal that was not stopped by the cutoff (D15), where its notice reached the customer (X16)."""
    state = subscription.state
    if state.stop_requested_at is None and not notice.keeps_open(subscription):
        state.renewal_committed_at = state.now
        subscription.transition.record_event(state.now, events.RenewalCommitted())
        subscription.expire("renewal_committed", "D15")


def _ends_with_its_term(subscription: SubscriptionLife, _: MailRequest) -> bool:
    state = subscription.state
    return state.status is SubscriptionStatus.ACTIVE and state.stop_requested_at is not None


def _renews_again(subscription: SubscriptionLife, _: MailRequest) -> bool:
    state = subscription.state
    return state.status is SubscriptionStatus.ACTIVE and state.stop_requested_at is None


STEP = Step(
    takes=(takes(StopRenewal, stop), takes(ResumeRenewal, resume)),
    due={Due.STOP_CUTOFF: commit_renewal},
    stands={RenewalStopped: _ends_with_its_term, RenewalResumed: _renews_again},
)
