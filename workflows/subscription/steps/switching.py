"""The switch of the admin: agreed on, screened where the order was, held for reviewers where the list has a match, made (H12, H14, X19)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from activities.contracts.screening import SCREEN_PERSON, PersonScreening
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
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
from workflows.engine import options
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Later, Refused
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import Outcome, Step, StepName, takes
from workflows.shared_steps import holds
from workflows.shared_steps.holds import DecideHold, Hold
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Agreed, Transfer
from workflows.subscription.steps import fewer_seats


def agree(subscription: SubscriptionLife, transfer: Transfer, message: ReceivedCommand) -> Outcome:
    """Makes the switch; where the order was screened, once the new admin is (X19). The time to accept does not run any more."""
    agreed = Agreed(message.at, message.actor, message.id)
    if subscription.state.export is None:
        close(subscription)
        _switch(subscription, transfer, agreed, message.at)
        return answer(subscription, transfer.number)
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
    state = subscription.state
    transfer, export = state.transfer, state.export
    if transfer is None or transfer.agreed is None or transfer.hold is not None or export is None:
        return
    request = PersonScreening(state.store, transfer.party, export.countries, export.terms)
    done = partial(_screened, subscription, transfer.number)
    subscription.beside.start(StepName.PERSON_SCREENING, SCREEN_PERSON, request, options.SCREENING, done)


def _screened(subscription: SubscriptionLife, number: int, found: ScreeningOutcome | Skipped) -> None:
    """Makes the switch, or holds it for two reviewers. A transfer that ended meanwhile needs neither."""
    state, transfer = subscription.state, subscription.state.transfer
    if transfer is None or transfer.number != number:
        screen(subscription)
        return
    agreed = known(transfer.agreed)
    outcome = holds.SKIPPED if isinstance(found, Skipped) else found
    if outcome.decision is Decision.CLEAR:
        close(subscription)
        _switch(subscription, transfer, agreed, state.now)
    else:
        _hold(subscription, transfer, outcome)
    subscription.transition.settle(agreed.receipt, answer(subscription, number))


def _hold(subscription: SubscriptionLife, transfer: Transfer, outcome: ScreeningOutcome) -> None:
    """Holds the switch, as long as a hold of an order may last; both people hear that it takes longer, and never why (T6)."""
    state, number = subscription.state, transfer.number
    transfer.hold = Hold.of(state.now, outcome.reasons)
    longest = Duration.parse(known(state.export).terms.hold_max)
    until = closes_at(state.now, longest, known(state.terms).calendar)
    state.agenda.put(Entry(Due.HOLD_MAX, until, Due.HOLD_MAX, "T6", "law", closing=True))
    reasons = tuple(reason.code for reason in outcome.reasons)
    subscription.transition.record_event(
        state.now, events.AdminTransferHeld(transfer=number, reasons=reasons)
    )
    facts, subject = subscription.subscription_facts(), str(number)
    held = f"admin-transfer-held/{number}"
    subscription.mail_admin(AdminTransferHeld(**facts), held, about=transfer.party)
    subscription.mail(TakeoverHeld(**facts), f"takeover-held/{number}", transfer.party, subject)


async def decide(
    subscription: SubscriptionLife, request: DecideHold, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records a reviewer's decision. One rejection ends the transfer; releases by two different people make the switch."""
    state, transfer = subscription.state, subscription.state.transfer
    if transfer is None or transfer.hold is None:
        return holds.no_hold("subscription", state.status)
    objection = holds.decided(subscription, transfer.hold, request, message)
    if objection is not None:
        return objection
    if transfer.hold.is_rejected:
        _refuse(subscription, transfer)
    elif transfer.hold.is_released:
        subscription.transition.record_event(state.now, events.HoldReleased())
        close(subscription)
        _switch(subscription, transfer, known(transfer.agreed), state.now)
    decisions = len(transfer.hold.decisions)
    return {"subscription": state.id, "decisions": decisions, "needed": holds.REVIEWERS}


async def give_up(subscription: SubscriptionLife, entry: Entry) -> None:
    """Ends a transfer whose hold nobody released in time. The former admin stays."""
    transfer = known(subscription.state.transfer)
    subscription.expire("hold_expired", "T6", {"transfer": transfer.number})
    _refuse(subscription, transfer)


def _refuse(subscription: SubscriptionLife, transfer: Transfer) -> None:
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
    if transfer is not None and transfer.agreed is not None and transfer.hold is None:
        subscription.transition.settle(transfer.agreed.receipt, Refused((transfer_over(),)))


def close(subscription: SubscriptionLife) -> None:
    """Forgets the pending transfer and its deadlines."""
    state = subscription.state
    state.transfer = None
    state.agenda.remove(Due.ADMIN_TRANSFER)
    state.agenda.remove(Due.HOLD_MAX)


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
    if seat is not None:
        seat.free()
        state.agenda.remove(Due.INVITATION.numbered(seat.number))
        revoked = events.SeatRevoked(seat=seat.number)
        subscription.transition.record_event(at, revoked, actor=agreed.actor)
    facts = subscription.subscription_facts()
    subscription.mail(
        AdminTransferred(**facts), f"admin-transferred/{number}", transfer.party, about=former_named
    )
    passed_on = AdminPassedOn(**facts, had_seat=seat is not None)
    subscription.mail(passed_on, f"admin-passed-on/{number}", former, about=named(subscription))
    fewer_seats.tell(subscription)


def _is_held(subscription: SubscriptionLife, _: MailRequest) -> bool:
    transfer = subscription.state.transfer
    return transfer is not None and transfer.hold is not None


STEP = Step(
    takes=(takes(DecideHold, decide),),
    due={Due.HOLD_MAX: give_up},
    stands={AdminTransferHeld: _is_held, TakeoverHeld: _is_held},
)
