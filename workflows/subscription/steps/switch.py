"""The switch of the renewal: stopped and resumed until the cutoff, from which on the renewal is committed (D15, D16, H24)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import RenewalResumed, RenewalStopped
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import reason_missing
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.subscription.commands import ResumeRenewal, StopRenewal
from workflows.subscription.cutoff import cutoff_at
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.steps import endings, notice, retention


async def stop(
    subscription: SubscriptionLife, request: StopRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Stops automatic renewal. The subscription ends with the term that the request falls in (D15, D16, H24)."""
    state, refusal = subscription.state, _has_no_switch(subscription)
    if refusal is not None:
        return refusal
    refuses = state.charge_waits_for is not None and state.charge_waits_for.is_open(message.at)
    if state.stop_requested_at is not None and not refuses:
        cutoff = cutoff_at(state, state.stop_requested_at)
        return {"subscription": state.id, "term_end": cutoff.term_end}
    refusal = _switch_locked(subscription, message)
    if refusal is not None:
        return refusal
    if request.reason is None and state.stop_needs_reason:
        return Refused((reason_missing(),), 422)
    before = state.stop_requested_at
    state.stop_requested_at = message.at
    subscription.audit_staff(message, "D16", request.reason, _switch(before), _switch(message.at))
    if refuses:
        return _refuse(subscription, request, message)
    cutoff = cutoff_at(state, message.at)
    data_until = _data_until(subscription, cutoff.term_end, message.at)
    subscription.transition.record_event(
        message.at,
        events.RenewalStopped(data_until=data_until, reason=request.reason, receipt=message.id),
        actor=message.actor,
    )
    email = RenewalStopped(
        **subscription.subscription_facts(),
        term_until=cutoff.usable_until,
        data_until=data_until,
        resume_by=cutoff.stop_by,
        receipt=message.id,
    )
    subscription.mail_admin(email, f"renewal-stopped/{message.seq}")
    retention.announce_purge(subscription, data_until, state.now)
    notice.review(subscription)
    return {"subscription": state.id, "term_end": cutoff.term_end, "data_until": data_until}


def _switch(stopped_at: datetime | None) -> dict[str, str | None]:
    """The switch of the renewal, as the audit keeps it."""
    return {"stop_requested_at": None if stopped_at is None else stopped_at.isoformat()}


def _refuse(subscription: SubscriptionLife, request: StopRenewal, message: ReceivedCommand) -> dict[str, Any]:
    """Ends the running term at once: its customer was not told in time, owes nothing for it, and wants none of it (X16)."""
    state = subscription.state
    data_until = retention.closes_at(subscription, message.at)
    subscription.transition.record_event(
        message.at,
        events.RenewalStopped(data_until=data_until, reason=request.reason, receipt=message.id),
        actor=message.actor,
    )
    endings.end(subscription, message.at, receipt=message.id)
    return {"subscription": state.id, "term_end": message.at, "data_until": data_until}


async def resume(
    subscription: SubscriptionLife, request: ResumeRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Resumes automatic renewal, until the same cutoff."""
    state, refusal = subscription.state, _has_no_switch(subscription)
    if refusal is not None:
        return refusal
    if state.stop_requested_at is None:
        return {"subscription": state.id, "renews_at": cutoff_at(state, message.at).term_end}
    refusal = _switch_locked(subscription, message)
    if refusal is not None:
        return refusal
    before = state.stop_requested_at
    state.stop_requested_at = state.warned_until = None
    state.agenda.remove(Due.PURGE_WARNING)
    cutoff = cutoff_at(state, message.at)
    event = events.RenewalResumed(receipt=message.id)
    subscription.transition.record_event(message.at, event, actor=message.actor)
    subscription.audit_staff(message, "D16", request.reason, _switch(before), _switch(None))
    email = RenewalResumed(
        **subscription.subscription_facts(),
        price=state.binding.amount,
        renews_at=cutoff.term_end,
        stop_by=cutoff.stop_by,
        receipt=message.id,
    )
    subscription.mail_admin(email, f"renewal-resumed/{message.seq}")
    await notice.announce_if_missing(subscription)
    notice.review(subscription)
    return {"subscription": state.id, "renews_at": cutoff.term_end}


def _has_no_switch(subscription: SubscriptionLife) -> Refused | None:
    """The refusal of any switch where the subscription does not run, or ends with its term anyway, or None (P10, D14)."""
    state = subscription.state
    if state.status is not SubscriptionStatus.ACTIVE:
        message = f"This subscription is {state.status}; its renewal cannot be switched."
        return refused(ErrorCode.NOT_ACTIVE, message, "P10")
    if not known(state.line).renewal.automatic:
        message = "This subscription ends with its term and does not renew by itself; order again to go on."
        return refused(ErrorCode.RENEWAL_NOT_AUTOMATIC, message, "D14")
    return None


def _switch_locked(subscription: SubscriptionLife, message: ReceivedCommand) -> Refused | None:
    """The refusal of a switch from the cutoff until the new term starts, or None. The stamp decides (G3, D15).

    Where the renewal is stopped no new term starts: the subscription ends then (D16).
    """
    state = subscription.state
    cutoff, calendar = cutoff_at(state, message.at), known(state.terms).calendar
    if message.at < cutoff.stop_by:
        return None
    over = f"over since {calendar.wall(cutoff.stop_by)}"
    text = f"The time to change the renewal is {over}; the switch opens again on {calendar.wall(cutoff.term_end)}."
    if state.stop_requested_at is not None:
        text = (
            f"The renewal is stopped, and the time to resume it is {over}; "
            f"the subscription ends at {calendar.wall(cutoff.usable_until)}. Order again to go on."
        )
    return refused(ErrorCode.RENEWAL_COMMITTED, text, "D15")


def is_stopped(subscription: SubscriptionLife) -> bool:
    """Whether the running term is the last one: its own renewal was stopped, not that of a future term."""
    state = subscription.state
    open_until = max(known(state.stop_by), known(state.term_end))
    return state.stop_requested_at is not None and state.stop_requested_at < open_until


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
