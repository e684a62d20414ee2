"""Retention: the data is kept for the promised time, then destroyed (D17, X4)."""

from __future__ import annotations

from activities.contracts.people import PURGE, PurgeRequest
from jalon.domain import events
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


async def warn(subscription: SubscriptionLife, entry: Entry) -> None:
    """Warns the customer that the data will be destroyed soon."""
    state = subscription.state
    subscription.transition.record_event(
        state.now, events.PurgeAnnounced(data_until=known(state.retained_until))
    )
    email = PurgeWarning(**subscription.subscription_facts(), data_until=known(state.retained_until))
    subscription.mail(email, "purge-warning", state.buyer)


async def retention_over(subscription: SubscriptionLife, entry: Entry) -> None:
    """Records that the retention has ended; the step then purges the data."""


STEP = Step(due={Due.RETENTION: retention_over, Due.PURGE_WARNING: warn})
