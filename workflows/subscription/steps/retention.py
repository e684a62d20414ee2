"""Retention: the data is kept for the promised time, then destroyed (D17, X4)."""

from __future__ import annotations

from datetime import datetime

from activities.contracts.mail import MailRequest
from activities.contracts.people import PURGE, PurgeRequest
from jalon.domain import events
from jalon.domain.calendar.deadlines import reminder_before, retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import PurgeWarning
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.state import known
from workflows.engine.step import Step
from workflows.subscription.life import SubscriptionLife


async def until_purged(subscription: SubscriptionLife) -> None:
    """Keeps the data for the promised time, then destroys it."""
    state = subscription.state
    state.move_to(SubscriptionStatus.DATA_RETAINED)
    subscription.transition.touch()
    await subscription.until(lambda: state.agenda.find(Due.RETENTION) is None)
    await subscription.local(PURGE, PurgeRequest(state.store, state.id, state.now))
    state.move_to(SubscriptionStatus.PURGED)
    subscription.transition.record_event(state.now, events.DataPurged())
    subscription.expire("data_purged", "D17")


def closes_at(subscription: SubscriptionLife, ended_at: datetime) -> datetime:
    """When the data goes (D17, X4). An end that took effect too late for its warning counts the retention from then.

    That is the case after a charge stayed parked, or no worker ran, over the end of the term.
    """
    state, line, calendar = (
        subscription.state,
        known(subscription.state.line),
        known(subscription.state.terms).calendar,
    )
    lasts, present = Duration.parse(line.retention), subscription.present()
    data_until = retention_closes_at(ended_at, state.stop_requested_at, lasts, calendar)
    warn_at = reminder_before(data_until, Duration.parse(line.purge_warning_before), calendar)
    if ended_at < warn_at <= present:
        return retention_closes_at(present, None, lasts, calendar)
    return data_until


def announce_purge(subscription: SubscriptionLife, data_until: datetime, since: datetime) -> None:
    """Puts the warning before the purge on the agenda, unless its time is over at `since`.

    A stopped subscription is warned while it still runs where its data goes with the term's end, or soon after it.
    """
    state = subscription.state
    before = Duration.parse(known(state.line).purge_warning_before)
    warn_at = reminder_before(data_until, before, known(state.terms).calendar)
    if warn_at > since:
        state.agenda.put(Entry(Due.PURGE_WARNING, warn_at, Due.PURGE_WARNING, "D17", "customer"))


async def warn(subscription: SubscriptionLife, entry: Entry) -> None:
    """Warns the customer that the data will be destroyed soon."""
    state, line = subscription.state, known(subscription.state.line)
    data_until = state.retained_until or retention_closes_at(
        known(state.term_end),
        state.stop_requested_at,
        Duration.parse(line.retention),
        known(state.terms).calendar,
    )
    subscription.transition.record_event(state.now, events.PurgeAnnounced(data_until=data_until))
    email = PurgeWarning(
        **subscription.subscription_facts(),
        data_until=data_until,
        term_until=state.term_end if state.ended_at is None else None,
    )
    subscription.mail_admin(email, f"purge-warning/{data_until.isoformat()}")


async def retention_over(subscription: SubscriptionLife, entry: Entry) -> None:
    """Records that the retention has ended; the step then purges the data."""


def _is_kept(subscription: SubscriptionLife, _: MailRequest) -> bool:
    return subscription.state.status is not SubscriptionStatus.PURGED


STEP = Step(due={Due.RETENTION: retention_over, Due.PURGE_WARNING: warn}, stands={PurgeWarning: _is_kept})
