"""A user joins what was cleared: screened before the seat is given, held for two reviewers where the list has a match (X19)."""

from __future__ import annotations

from functools import partial
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.people import FIND_IDENTITY, PartyQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.compliance.export import Decision, ScreeningOutcome
from jalon.domain.emails import UserHeld, UserRefused
from workflows.engine.commands import Later
from workflows.engine.effects import Skipped
from workflows.engine.state import known
from workflows.engine.step import Step
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Agreed, Seat
from workflows.subscription.steps import fewer_seats, giving, screening


def ask(subscription: SubscriptionLife, seat: Seat, party: str, message: ReceivedCommand) -> Later:
    """Reserves the seat (X7) and screens its person; the command is answered once that is done."""
    state = subscription.state
    state.screenings += 1
    seat.state, seat.party = "held", party
    seat.agreed = Agreed(message.at, message.actor, message.id, state.screenings)
    state.seats[seat.number] = seat
    event = events.SeatReserved(seat=seat.number)
    subscription.transition.record_event(state.now, event, actor=message.actor)
    _screen(subscription, seat, seat.agreed)
    return Later()


def resume(subscription: SubscriptionLife) -> None:
    """Screens the people whose screening an earlier run left unfinished."""
    for seat in subscription.state.held:
        if seat.agreed is not None and seat.hold is None:
            _screen(subscription, seat, seat.agreed)


def _screen(subscription: SubscriptionLife, seat: Seat, agreed: Agreed) -> None:
    done = partial(_screened, subscription, agreed.number)
    screening.begin(subscription, known(seat.party), agreed, done, partial(giving.answer, seat))


def _screened(subscription: SubscriptionLife, number: int, found: screening.Found) -> None:
    """Gives the seat, or holds it for two reviewers. One that was taken back meanwhile needs neither."""
    for seat in subscription.state.held:
        agreed = seat.agreed
        if agreed is not None and agreed.number == number:
            outcome = screening.noted(subscription, known(seat.party), agreed, found)
            if isinstance(found, Skipped) or outcome.decision is not Decision.CLEAR:
                _hold(subscription, seat, agreed, outcome)
            else:
                _give(subscription, seat, agreed, has_identity=found.has_identity)
            screening.answer(subscription, agreed, giving.answer(seat))


def _give(subscription: SubscriptionLife, seat: Seat, agreed: Agreed, *, has_identity: bool) -> None:
    giving.give(subscription, seat, known(seat.party), agreed.actor, has_identity=has_identity)
    fewer_seats.tell(subscription)


def _hold(subscription: SubscriptionLife, seat: Seat, agreed: Agreed, outcome: ScreeningOutcome) -> None:
    """Holds the seat; the admin hears that it takes longer, and never why (T6). The person hears nothing before they are cleared."""
    state, turn = subscription.state, agreed.number
    seat.hold = screening.opened(subscription, agreed, outcome, str(seat.number))
    reasons = tuple(reason.code for reason in outcome.reasons)
    event = events.SeatHeld(seat=seat.number, turn=turn, reasons=reasons)
    subscription.transition.record_event(state.now, event, actor=agreed.actor)
    email = UserHeld(**subscription.line_facts(), seat=seat.number)
    subscription.mail_admin(email, f"seat-{seat.number}/user-held/{turn}", about=seat.party)


async def release(subscription: SubscriptionLife, seat: Seat) -> None:
    """Gives a seat that two reviewers released, by the person's identity of now (T1); not one that a switch took while that was read."""
    state, party, agreed = subscription.state, known(seat.party), known(seat.agreed)
    identity = await subscription.local(FIND_IDENTITY, PartyQuestion(state.store, party, state.now))
    if seat.agreed is agreed:
        _give(subscription, seat, agreed, has_identity=identity.has_identity)


def refuse(subscription: SubscriptionLife, seat: Seat) -> None:
    """Frees a seat whose person was rejected, or that nobody released in time, and tells the admin."""
    person, turn = known(seat.party), known(seat.hold).turn
    giving.take(subscription, seat)
    event = events.SeatRefused(seat=seat.number, turn=turn)
    subscription.transition.record_event(subscription.state.now, event)
    email = UserRefused(**subscription.line_facts(), seat=seat.number)
    subscription.mail_admin(email, f"seat-{seat.number}/user-refused/{turn}", about=person)
    fewer_seats.tell(subscription)


def _is_held(subscription: SubscriptionLife, request: MailRequest) -> bool:
    seat = subscription.state.seats[request.fields["seat"]]
    return seat.hold is not None and seat.party == request.about


STEP: Step[Any] = Step(stands={UserHeld: _is_held})
