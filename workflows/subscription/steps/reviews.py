"""The reviewers of those who join what was cleared: they decide on each hold by its number (X19, T6)."""

from __future__ import annotations

from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused
from workflows.engine.step import Step, takes
from workflows.shared_steps import holds
from workflows.shared_steps.holds import DecideHold
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Seat
from workflows.subscription.state import Transfer
from workflows.subscription.steps import joining, switching


async def decide(
    subscription: SubscriptionLife, request: DecideHold, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records a reviewer's decision on the open hold of its `turn`, which need not be the oldest (X19).

    One rejection refuses the person; releases by two different people let them in.
    """
    state = subscription.state
    if not state.on_hold:
        return holds.no_hold("subscription", state.status)
    found = next((each for each in state.on_hold if each[1].turn == request.turn), None)
    if found is None:
        return holds.not_open(request.turn)
    whose, hold = found
    objection = holds.decided(subscription, hold, request, message)
    if objection is not None:
        return objection
    if hold.is_rejected:
        _refuse(subscription, whose)
    elif hold.is_released:
        subscription.transition.record_event(state.now, events.HoldReleased(turn=hold.turn))
        await _release(subscription, whose)
    return {"subscription": state.id, "decisions": len(hold.decisions), "needed": holds.REVIEWERS}


async def _release(subscription: SubscriptionLife, whose: Transfer | Seat) -> None:
    if isinstance(whose, Seat):
        await joining.release(subscription, whose)
    else:
        switching.release(subscription, whose)


def _refuse(subscription: SubscriptionLife, whose: Transfer | Seat) -> None:
    if isinstance(whose, Seat):
        joining.refuse(subscription, whose)
    else:
        switching.refuse(subscription, whose)


async def give_up(subscription: SubscriptionLife, entry: Entry) -> None:
    """Refuses the person whose hold nobody released in time."""
    for whose, hold in subscription.state.on_hold:
        if Due.HOLD_MAX.numbered(hold.turn) == entry.key:
            held = {"seat" if isinstance(whose, Seat) else "transfer": whose.number}
            subscription.expire("hold_expired", "T6", held)
            _refuse(subscription, whose)


STEP = Step(takes=(takes(DecideHold, decide),), due={Due.HOLD_MAX: give_up})
