"""What the notices of a renewal prove: until when it can be refused, and whether its charge waits (C1, X16)."""

from __future__ import annotations

from datetime import datetime, time

from jalon.domain.calendar.deadlines import (
    closes_at,
    closes_before_end,
    refusal_closes_at,
    reminder_before,
)
from jalon.domain.calendar.durations import Duration
from jalon.domain.terms import NoticeByLaw
from workflows.engine.state import known
from workflows.subscription.state import SubscriptionState

DAWN = time(0)


def cutoff(state: SubscriptionState) -> datetime:
    """The first instant at which a renewal that was announced in time can no longer be stopped (D15)."""
    stop_until = Duration.parse(known(state.line).renewal.stop_until)
    return closes_before_end(known(state.term_end), stop_until, known(state.terms).calendar)


def law(state: SubscriptionState) -> NoticeByLaw | None:
    """The notice that law gives this customer; None where it gives none, or the term is too short to hold it."""
    rule = state.notice_by_law
    if rule is None:
        return None
    latest = closes_before_end(cutoff(state), Duration.parse(rule.latest), known(state.terms).calendar)
    return rule if latest > known(state.term_start) else None


def is_lawful(state: SubscriptionState, rule: NoticeByLaw, at: datetime) -> bool:
    """Whether a notice that leaves at `at` leaves in the time that law gives for it."""
    calendar, close = known(state.terms).calendar, cutoff(state)
    earliest = reminder_before(close, Duration.parse(rule.earliest), calendar, DAWN)
    return earliest <= at and closes_at(at, Duration.parse(rule.latest), calendar) <= close


def lead(state: SubscriptionState) -> str:
    """How long before the end of the time to refuse a late notice leaves: as law says, else as the store's last notice does."""
    rule = law(state)
    if rule is not None:
        return rule.latest
    renewal, calendar = known(state.line).renewal, known(state.terms).calendar

    def counted(before: str) -> datetime:
        return closes_at(state.now, Duration.parse(before), calendar)

    return min(renewal.notices_before, key=counted, default=renewal.notice_task_before)


def refusable_until(state: SubscriptionState, at: datetime) -> datetime | None:
    """Until when a notice that leaves at `at` gives to refuse the renewal; None where it leaves too early or too late to count."""
    calendar = known(state.terms).calendar
    if state.charge_waits_for is not None:
        return closes_at(at, Duration.parse(lead(state)), calendar)
    rule, close = law(state), cutoff(state)
    committed = state.renewal_committed_at is not None
    too_early = rule is not None and at < reminder_before(
        close, Duration.parse(rule.earliest), calendar, DAWN
    )
    if committed or too_early:
        return None
    return refusal_closes_at(at, close, Duration.parse(lead(state)), calendar, strict=rule is not None)


def refuse_by(state: SubscriptionState) -> datetime | None:
    """The first instant at which the renewal can no longer be refused, by the notice that proves it; None without proof."""
    return min((known(each.refuse_by) for each in state.notices if each.is_proof), default=None)


def is_lacking(state: SubscriptionState) -> bool:
    """Whether the renewal had to be announced, and no notice of it has reached the customer."""
    return bool(state.notices) and state.stop_requested_at is None and refuse_by(state) is None


def failed_or_late(state: SubscriptionState) -> bool:
    """Whether a notice failed, or is still under way after the instant at which it was asked for."""
    return any(each.failed is not None or each.asked_at < state.now for each in state.notices)


def waits_without_notice(state: SubscriptionState) -> bool:
    """Whether the charge of a renewal without proof waits: a consumer's always does."""
    return state.consumer or known(state.line).renewal.without_notice == "wait"


def charge_waits(state: SubscriptionState, starts_at: datetime) -> bool:
    """Whether the charge of the term that starts then waits: nobody was told, or whoever was told late may still refuse.

    A stop that has come since is about a later term.
    """
    until = refuse_by(state)
    open_ = bool(state.notices) if until is None else until > starts_at
    return open_ and waits_without_notice(state)
