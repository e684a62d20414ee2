"""The end: the data stays until the later of the term's end and two weeks from the request, then it is destroyed (D17, X4)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from activities.contracts import PURGE, PurgeRequest
from jalon.domain import events
from jalon.domain.calendar.deadlines import reminder_before, retention_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import PurgeWarning, SubscriptionEnded
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.step import Step
from workflows.state import known

if TYPE_CHECKING:
    from workflows.subscription.workflow import SubscriptionWorkflow


def end(subscription: SubscriptionWorkflow, ended_at: datetime) -> None:
    """The right to use ends; the customer hears until when the data stays."""
    state, line = subscription.state, known(subscription.state.line)
    state.agenda.clear()
    state.ended_at = ended_at
    state.move_to(SubscriptionStatus.ENDED)
    state.past_due_since = state.renewal_committed_at = None
    calendar = known(state.terms).calendar
    for seat in state.seats:
        seat.state, seat.party, seat.open_until = "free", None, None
    state.retained_until = retention_closes_at(
        ended_at, state.stop_requested_at, Duration.parse(line.retention), calendar
    )
    subscription.transition.record_event(ended_at, events.SubscriptionEnded(data_until=state.retained_until))
    subscription.expire("subscription_ended", "D16")
    email = SubscriptionEnded(
        **subscription.subscription_facts(), term_until=ended_at, data_until=state.retained_until
    )
    subscription.mail(email, "ended", state.buyer)
    state.agenda.put(
        Entry(Due.RETENTION, state.retained_until, Due.RETENTION, "D17", "customer", closing=True)
    )
    warn_at = reminder_before(state.retained_until, Duration.parse(line.purge_warning_before), calendar)
    if warn_at > ended_at:
        state.agenda.put(Entry(Due.PURGE_WARNING, warn_at, Due.PURGE_WARNING, "D17", "customer"))


async def until_purged(subscription: SubscriptionWorkflow) -> None:
    """Keeps the data as long as promised, then destroys it."""
    state = subscription.state
    state.move_to(SubscriptionStatus.DATA_RETAINED)
    subscription.transition.touch()
    await subscription.until(lambda: state.agenda.find(Due.RETENTION) is None)
    await subscription.local(PURGE, PurgeRequest(state.store, state.id, state.now))
    state.move_to(SubscriptionStatus.PURGED)
    subscription.transition.record_event(state.now, events.DataPurged())
    subscription.expire("data_purged", "D17")


async def warn(subscription: SubscriptionWorkflow, entry: Entry) -> None:
    """The data will go soon."""
    state = subscription.state
    subscription.transition.record_event(
        state.now, events.PurgeAnnounced(data_until=known(state.retained_until))
    )
    email = PurgeWarning(**subscription.subscription_facts(), data_until=known(state.retained_until))
    subscription.mail(email, "purge-warning", state.buyer)


async def retention_over(subscription: SubscriptionWorkflow, entry: Entry) -> None:
    """The promise is kept; the purge is the step's own work."""


STEP = Step(due={Due.RETENTION: retention_over, Due.PURGE_WARNING: warn})
