"""The switch of the admin: agreed on, screened where the order was, held for reviewers where the list has a match, made (H12, H14, X19)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.compliance.export import Decision, ScreeningOutcome
from jalon.domain.emails import (
    AdminPassedOn,
    AdminTransferHeld,
    AdminTransferred,
    AdminTransferRefused,
    TakeoverHeld,
    TakeoverRefused,
)
from jalon.domain.refusals import transfer_over
from workflows.engine.agenda import Due
from workflows.engine.commands import Later, Refused
from workflows.engine.state import known
from workflows.engine.step import Outcome, Step
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Agreed
from workflows.subscription.state import Transfer
from workflows.subscription.steps import fewer_seats, giving, screening


def agree(subscription: SubscriptionLife, transfer: Transfer, message: ReceivedCommand) -> Outcome:
    """Makes the switch; where the order was screened, once the new admin is (X19). The time to accept does not run any more."""
    agreed = Agreed(message.at, message.actor, message.id)
    if subscription.state.export is None:
        close(subscription)
        _switch(subscription, transfer, agreed, message.at)
        return answer(subscription, transfer.number)
    subscription.state.screenings += 1
    agreed.number = subscription.state.screenings
    transfer.agreed = agreed
    subscription.state.transfer = transfer
    subscription.state.agenda.remove(Due.ADMIN_TRANSFER)
    screen(subscription)
    return Later()


def answer(subscription: SubscriptionLife, number: int) -> dict[str, Any]:
    """The answer to whoever asked for the transfer, or accepted it."""
    state = subscription.state
    return {"subscription": state.id, "transfer": number, "transferred": state.admin_by == number}


def screen(subscription: SubscriptionLife) -> None:
    """Screens the new admin of an agreed switch, beside the course: the admin keeps every right meanwhile."""
    transfer = subscription.state.transfer
    if transfer is not None and transfer.agreed is not None and transfer.hold is None:
        done = partial(_screened, subscription, transfer.number)
        as_it_stands = partial(answer, subscription, transfer.number)
        screening.begin(subscription, transfer.party, transfer.agreed, done, as_it_stands)


def _screened(subscription: SubscriptionLife, number: int, found: screening.Found) -> None:
    """Makes the switch, or holds it for two reviewers. A transfer that ended meanwhile needs neither."""
    state, transfer = subscription.state, subscription.state.transfer
    if transfer is None or transfer.number != number:
        return
    agreed = known(transfer.agreed)
    outcome = screening.noted(subscription, transfer.party, agreed, found)
    if outcome.decision is Decision.CLEAR:
        close(subscription)
        _switch(subscription, transfer, agreed, state.now)
    else:
        _hold(subscription, transfer, outcome)
    screening.answer(subscription, agreed, answer(subscription, number))


def _hold(subscription: SubscriptionLife, transfer: Transfer, outcome: ScreeningOutcome) -> None:
    """Holds the switch, as long as a hold of an order may last; both people hear that it takes longer, and never why (T6)."""
    state, number = subscription.state, transfer.number
    hold = transfer.hold = screening.opened(subscription, known(transfer.agreed), outcome)
    reasons = tuple(reason.code for reason in outcome.reasons)
    event = events.AdminTransferHeld(transfer=number, turn=hold.turn, reasons=reasons)
    subscription.transition.record_event(state.now, event)
    facts, subject = subscription.subscription_facts(), str(number)
    held = f"admin-transfer-held/{number}"
    subscription.mail_admin(AdminTransferHeld(**facts), held, about=transfer.party)
    subscription.mail(TakeoverHeld(**facts), f"takeover-held/{number}", transfer.party, subject)


def release(subscription: SubscriptionLife, transfer: Transfer) -> None:
    """Makes a switch that two reviewers released."""
    close(subscription)
    _switch(subscription, transfer, known(transfer.agreed), subscription.state.now)


def refuse(subscription: SubscriptionLife, transfer: Transfer) -> None:
    """Ends a transfer whose new admin was rejected, or that nobody released in time. The former admin stays, and both hear of it."""
    close(subscription)
    number, facts = transfer.number, subscription.subscription_facts()
    subscription.transition.record_event(subscription.state.now, events.AdminTransferRefused(transfer=number))
    refused = f"admin-transfer-refused/{number}"
    subscription.mail_admin(AdminTransferRefused(**facts), refused, about=transfer.party)
    subscription.mail(TakeoverRefused(**facts), f"takeover-refused/{number}", transfer.party, str(number))


def drop(subscription: SubscriptionLife) -> None:
    """Ends the pending transfer without a switch, and refuses it to whoever still waits for the screening."""
    transfer = subscription.state.transfer
    close(subscription)
    if transfer is not None and transfer.agreed is not None:
        screening.answer(subscription, transfer.agreed, Refused((transfer_over(),)))


def close(subscription: SubscriptionLife) -> None:
    """Forgets the pending transfer, its deadlines and its screening."""
    state, transfer = subscription.state, subscription.state.transfer
    state.transfer = None
    state.agenda.remove(Due.ADMIN_TRANSFER)
    if transfer is not None and transfer.agreed is not None:
        screening.over(subscription, transfer.agreed)


def named(subscription: SubscriptionLife) -> str:
    """By what the admin is named to somebody else: the names of the order for its buyer (X18), else the person's own."""
    state = subscription.state
    return state.names_of(state.admin) or state.admin


def _switch(subscription: SubscriptionLife, transfer: Transfer, agreed: Agreed, at: datetime) -> None:
    """The one switch: the former admin loses the administration and their own seat, and both hear of it (H12, H14)."""
    state, number = subscription.state, transfer.number
    former, former_named = state.admin, named(subscription)
    state.admin, state.admin_since, state.admin_by = transfer.party, at, number
    event = events.AdminTransferred(transfer=number, former_admin=former, new_admin=transfer.party)
    subscription.transition.record_event(at, event, actor=agreed.actor)
    seat = state.seat_of(former)
    had_seat = seat is not None and seat.state == "assigned"
    if seat is not None:
        giving.take(subscription, seat)
        revoked = events.SeatRevoked(seat=seat.number)
        subscription.transition.record_event(at, revoked, actor=agreed.actor)
    facts = subscription.subscription_facts()
    subscription.mail(
        AdminTransferred(**facts), f"admin-transferred/{number}", transfer.party, about=former_named
    )
    passed_on = AdminPassedOn(**facts, had_seat=had_seat)
    subscription.mail(passed_on, f"admin-passed-on/{number}", former, about=named(subscription))
    fewer_seats.tell(subscription)


def _is_held(subscription: SubscriptionLife, _: MailRequest) -> bool:
    transfer = subscription.state.transfer
    return transfer is not None and transfer.hold is not None


STEP = Step(stands={AdminTransferHeld: _is_held, TakeoverHeld: _is_held})
