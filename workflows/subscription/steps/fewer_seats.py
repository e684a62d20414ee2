"""A renewal with fewer seats: the admin names who stays until the cutoff, else those who were assigned theirs last lose them (X25)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import reminder_before
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import FewerSeats, SeatAtRenewal, UserRefused
from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.subscription.commands import KeepSeats
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Agreed, Seat, seats_of
from workflows.subscription.steps import giving

NAMED_AT_MOST = 10
"""The people whom an e-mail to the admin names; of more it tells the number."""


async def keep(
    subscription: SubscriptionLife, request: KeepSeats, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Names the seats that stay, in place of those named before. What is left of the new term's goes to the earliest assigned (X25)."""
    state = subscription.state
    objection = subscription.users_closed() or _objection(subscription, request, message)
    if objection is not None:
        return objection
    if set(request.seats) != {seat.number for seat in state.held if seat.stays}:
        for seat in state.held:
            seat.stays = seat.number in request.seats
        event = events.SeatsKept(seats=tuple(sorted(set(request.seats))), leaving=_leaving(subscription))
        subscription.transition.record_event(message.at, event, actor=message.actor)
    return {"subscription": state.id}


def _objection(
    subscription: SubscriptionLife, request: KeepSeats, message: ReceivedCommand
) -> Refused | None:
    """The refusal of a choice: too late by its stamp (G3), without an object, or of seats that cannot stay."""
    state = subscription.state
    choose_by, seat_count = state.choose_by, state.next_seat_count
    if message.at >= choose_by:
        said = (
            f"The time to name who stays is over since {known(state.terms).calendar.wall(choose_by)}. "
            "Until the new term starts, take the seat of somebody else back: the earliest assigned of the others then stays."
        )
        return refused(ErrorCode.SEAT_CHOICE_CLOSED, said, "X25")
    if seat_count is None or not state.leaving_at_renewal:
        said = "Nobody loses a seat at the renewal as it stands, so there is nothing to choose."
        return refused(ErrorCode.NO_FEWER_SEATS, said, "X25")
    if len(set(request.seats)) > seat_count:
        said = f"The next term has {seat_count} seats; name at most as many."
        return refused(ErrorCode.TOO_MANY_SEATS_KEPT, said, "X25", "/seats")
    free = sorted(set(request.seats) - {seat.number for seat in state.held})
    if free:
        return refused(ErrorCode.SEAT_NOT_GIVEN, f"Nobody has seat {free[0]}.", "X25", "/seats")
    return None


def _leaving(subscription: SubscriptionLife) -> tuple[int, ...]:
    return tuple(seat.number for seat in subscription.state.leaving_at_renewal)


# -- who hears of it -----------------------------------------------------------------------------------------------------------------


def tell(subscription: SubscriptionLife) -> None:
    """Tells the admin of a renewal with fewer seats once it is known, and each user once it is time, and again where that changes.

    Safe to repeat. Whatever may change who goes is followed by it.
    """
    state = subscription.state
    if state.status is not SubscriptionStatus.ACTIVE or subscription.present() >= known(state.term_end):
        return
    warn_at = _warn_at(subscription)
    _plan_warning(subscription, warn_at)
    if state.leaving_at_renewal and state.fewer_told != state.next_seat_count:
        state.fewer_told = state.next_seat_count
        _tell_admin(subscription)
    if subscription.present() >= warn_at:
        _tell_users(subscription)


def _warn_at(subscription: SubscriptionLife) -> datetime:
    """When the users are told, counted back from the start of the new term."""
    state, line = subscription.state, known(subscription.state.line)
    before = Duration.parse(line.seat_loss_warning_before)
    return reminder_before(known(state.term_end), before, known(state.terms).calendar)


def _plan_warning(subscription: SubscriptionLife, warn_at: datetime) -> None:
    """Puts the warning on the agenda while somebody is to lose a seat and it is to come, and takes it off where nobody is."""
    state = subscription.state
    planned, leaving = state.agenda.find(Due.SEAT_LOSS_WARNING) is not None, bool(state.leaving_at_renewal)
    if planned and not leaving:
        state.agenda.remove(Due.SEAT_LOSS_WARNING)
        subscription.transition.touch()
    elif leaving and not planned and subscription.present() < warn_at:
        entry = Entry(Due.SEAT_LOSS_WARNING, warn_at, Due.SEAT_LOSS_WARNING, "X25", "customer")
        state.agenda.put(entry)
        subscription.transition.touch()


async def warn(subscription: SubscriptionLife, entry: Entry) -> None:
    """Tells the admin again, and each user who is to lose a seat."""
    state = subscription.state
    if state.leaving_at_renewal and subscription.present() < known(state.term_end):
        _tell_admin(subscription)
    tell(subscription)


def _tell_admin(subscription: SubscriptionLife) -> None:
    state = subscription.state
    state.fewer_tellings += 1
    leaving, seat_count, choose_by = state.leaving_at_renewal, known(state.next_seat_count), state.choose_by
    event = events.FewerSeatsAnnounced(
        seat_count=seat_count, leaving=_leaving(subscription), choose_by=choose_by
    )
    subscription.transition.record_event(state.now, event)
    email = FewerSeats(
        **subscription.subscription_facts(),
        seats=seat_count,
        given=len(state.held),
        leaving=len(leaving),
        renews_at=known(state.term_end),
        choose_by=choose_by,
    )
    people = tuple(known(seat.party) for seat in leaving[:NAMED_AT_MOST])
    subscription.mail_admin(email, f"fewer-seats/{state.fewer_tellings}", people=people)


def _tell_users(subscription: SubscriptionLife) -> None:
    """Tells each user of whom another thing is so than they were told. A renewal that is stopped tells nobody that they stay.

    A person who is being checked hears nothing before they are cleared (X19).
    """
    if not subscription.state.renews:
        return
    leaving = _leaving(subscription)
    for seat in subscription.state.held:
        goes = seat.number in leaving
        if goes != seat.told_to_go and seat.agreed is None:
            seat.told_to_go = goes
            _tell_user(subscription, seat, "goes" if goes else "stays", known(subscription.state.term_end))


def _tell_user(
    subscription: SubscriptionLife,
    seat: Seat,
    outcome: Literal["goes", "stays", "gone"],
    term_until: datetime,
) -> None:
    seat.forecasts += 1
    email = SeatAtRenewal(**subscription.line_facts(), outcome=outcome, term_until=term_until)
    occurrence = f"seat-{seat.number}/at-renewal-{seat.forecasts}"
    admin = subscription.state.names_of(subscription.state.admin) or subscription.state.admin
    subscription.mail(email, occurrence, known(seat.party), about=admin)


# -- the start of the term -----------------------------------------------------------------------------------------------------------


def take_effect(subscription: SubscriptionLife) -> None:
    """Gives the new term its seats, in the transition that starts it; where they are fewer, whoever does not stay loses theirs."""
    state = subscription.state
    seat_count = seats_of(known(state.line))
    leaving = state.leaving(seat_count)
    state.seat_count, state.fewer_told = seat_count, None
    for seat in leaving:
        if seat.agreed is None:
            _tell_user(subscription, seat, "gone", known(state.term_start))
        else:
            _tell_of_reserved(subscription, seat, seat.agreed)
        giving.take(subscription, seat)
    for seat in state.held:
        seat.stays = seat.told_to_go = False
    if leaving:
        lost = tuple(seat.number for seat in leaving)
        subscription.transition.record_event(state.now, events.SeatsLost(seat_count=seat_count, seats=lost))
        subscription.expire("seats_lost", "X25", {"seat_count": seat_count, "seats": lost})


def _tell_of_reserved(subscription: SubscriptionLife, seat: Seat, agreed: Agreed) -> None:
    """Tells the admin of a seat that was reserved for somebody who is being checked: nobody else hears that it is gone (X19)."""
    email = UserRefused(
        **subscription.line_facts(), seat=seat.number, term_until=known(subscription.state.term_start)
    )
    occurrence = f"seat-{seat.number}/user-refused/{agreed.number}"
    subscription.mail_admin(email, occurrence, about=seat.party)


def _still_fewer(subscription: SubscriptionLife, request: MailRequest) -> bool:
    state = subscription.state
    same_term = state.term_end is not None and state.term_end.isoformat() == request.fields["renews_at"]
    return same_term and bool(state.leaving_at_renewal) and state.next_seat_count == request.fields["seats"]


def _still_so(subscription: SubscriptionLife, request: MailRequest) -> bool:
    """Whether what a user is told is so: a seat that goes or stays has its holder still, one that is gone has not come back."""
    seat, outcome = subscription.state.seat_of(request.party), request.fields["outcome"]
    if outcome == "gone":
        return seat is None
    renews = outcome == "goes" or subscription.state.renews
    return renews and seat is not None and seat.told_to_go == (outcome == "goes")


STEP = Step(
    takes=(takes(KeepSeats, keep),),
    due={Due.SEAT_LOSS_WARNING: warn},
    stands={FewerSeats: _still_fewer, SeatAtRenewal: _still_so},
)
