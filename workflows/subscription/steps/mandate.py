"""The mandate of a subscription: given up once another method replaces it or no charge can follow, and released beside the course."""

from __future__ import annotations

from functools import partial

from activities.contracts.payments import PAY, PaymentOutcome
from workflows.engine import options
from workflows.engine.effects import Skipped
from workflows.engine.step import StepName
from workflows.shared_steps import mandates
from workflows.shared_steps.mandates import Mandate
from workflows.subscription.life import SubscriptionLife


def give_up(subscription: SubscriptionLife) -> None:
    """Records that the subscription needs its mandate no more."""
    state = subscription.state
    if state.mandate is not None:
        state.given_up.append(state.mandate)
        state.mandate = None
    release(subscription)


def release(subscription: SubscriptionLife) -> None:
    """Releases what was given up, but for a mandate that a charge under way still uses."""
    state = subscription.state
    unneeded = (each for each in state.given_up if each.reference != subscription.charged_under)
    mandate = next(unneeded, None)
    if mandate is None:
        return
    request = mandate.release(state.store, state.method, (state.id,), state.now)
    subscription.beside.start(
        StepName.RELEASE,
        PAY,
        request,
        options.PAYMENT,
        partial(_released, subscription, mandate),
    )


def _released(subscription: SubscriptionLife, mandate: Mandate, answer: PaymentOutcome | Skipped) -> None:
    state = subscription.state
    state.given_up.remove(mandate)
    subscription.transition.record_event(state.now, mandates.told(mandate, answer))
    release(subscription)
