"""The ends of a subscription: its line is void before it was active, or the right to use ends (P5, X3, D16, D17)."""

from __future__ import annotations

from datetime import datetime

from jalon.domain import events
from jalon.domain.emails import ActivationVoided, SubscriptionEnded
from jalon.domain.projections import VoidCause
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.state import known
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.steps import giving, mandate, retention, switching


def unrecovered(subscription: SubscriptionLife, entry: Entry) -> None:
    """Voids a pending line, or ends a running one, whose charge was never settled (X3)."""
    if subscription.state.anchor is None:
        void(subscription, "payment_not_recovered", "X3", entry.due_at)
    else:
        end(subscription, subscription.state.now, unpaid=True)


def give_up(subscription: SubscriptionLife, cause: str) -> None:
    """Ends the line after an operator compensated a parked charge: nothing was taken, so the line counts as unpaid."""
    if subscription.is_over():
        return
    if subscription.state.anchor is None:
        void(subscription, cause, None, subscription.state.now)
    else:
        end(subscription, subscription.state.now)


def void(subscription: SubscriptionLife, cause: str, rule: str | None, closed_at: datetime) -> None:
    """Voids the line: the order and the customer are notified, and nothing is charged."""
    state = subscription.state
    unpaid = subscription.steps_complete
    state.move_to(SubscriptionStatus.VOID)
    state.void_cause, state.void_by = VoidCause.UNPAID if unpaid else VoidCause.NOT_ACTIVATED, closed_at
    state.agenda.clear()
    subscription.transition.record_event(state.now, events.SubscriptionVoid(cause=cause), rule)
    subscription.expire(cause, rule)
    subscription.notify_order("void")
    line = known(state.line)
    email = ActivationVoided(
        **subscription.line_facts(),
        quantity=line.quantity,
        activation_by=closed_at,
        refunded=line.amount if state.paid else None,
        unpaid=unpaid,
    )
    subscription.mail_admin(email, "voided")


def end(
    subscription: SubscriptionLife, ended_at: datetime, *, unpaid: bool = False, receipt: str | None = None
) -> None:
    """Ends the right to use and notifies the customer why, and until when the data is retained.

    `receipt` is the number of the request that ends it.
    """
    state = subscription.state
    state.agenda.clear()
    state.ended_at = ended_at
    state.move_to(SubscriptionStatus.ENDED)
    state.past_due_since = state.renewal_committed_at = state.notice_missing_since = None
    free_since = state.term_start if state.charge_waits_for is not None else None
    state.charge_waits_for, state.notices, state.returned = None, [], {}
    for seat in state.held:
        giving.take(subscription, seat)
    switching.drop(subscription)
    state.retained_until = retention.closes_at(subscription, ended_at)
    subscription.transition.record_event(ended_at, events.SubscriptionEnded(data_until=state.retained_until))
    subscription.expire("subscription_ended", "D16")
    kept = state.retained_until > subscription.present()
    email = SubscriptionEnded(
        **subscription.subscription_facts(),
        term_until=ended_at,
        data_until=state.retained_until if kept else None,
        unpaid=unpaid,
        free_since=free_since,
        receipt=receipt,
    )
    subscription.mail_admin(email, "ended")
    state.agenda.put(
        Entry(Due.RETENTION, state.retained_until, Due.RETENTION, "D17", "customer", closing=True)
    )
    retention.announce_purge(subscription, state.retained_until, ended_at)
    mandate.give_up(subscription)
