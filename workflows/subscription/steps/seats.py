"""Seats: assigned at once to people with an identity, offered to others by an invitation of limited hours (T1–T3, X7, H21, H22)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from activities.contracts.mail import MailOutcome, MailRequest
from activities.contracts.people import FIND_IDENTITY, SET_UP_IDENTITY, IdentityRequest, PartyQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import Invitation, SeatReleased, UserAdded
from jalon.domain.error_codes import ErrorCode
from jalon.domain.refusals import invitation_expired
from jalon.domain.statuses import SubscriptionStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Outcome, Step, dated, takes
from workflows.subscription.commands import (
    AcceptInvitation,
    AssignSeat,
    ReassignSeat,
    ReinviteSeat,
    RevokeSeat,
)
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Seat
from workflows.subscription.steps import fewer_seats, giving, joining


async def assign(subscription: SubscriptionLife, request: AssignSeat, message: ReceivedCommand) -> Outcome:
    """Assigns a seat at once, or reserves it while the person sets up an identity, and before that is screened (T1, X7, X19)."""
    closed = subscription.users_closed()
    if closed is not None:
        return closed
    state = subscription.state
    if _has_one(subscription, request.party):
        return _has_one_already()
    seat = state.free_seat(request.seat)
    if seat is None:
        which = f"all {state.seat_count} are taken" if request.seat is None else f"seat {request.seat} is not"
        return refused(ErrorCode.NO_FREE_SEAT, f"No seat is free: {which}. Revoke one first.", "D3", "/seat")
    identity = await subscription.local(FIND_IDENTITY, PartyQuestion(state.store, request.party, message.at))
    too_often = None if identity.has_identity else _too_often(subscription, seat, message.at)
    if too_often is not None:
        return too_often
    return _give(subscription, seat, request.party, message, has_identity=identity.has_identity)


def _give(
    subscription: SubscriptionLife, seat: Seat, party: str, message: ReceivedCommand, *, has_identity: bool
) -> Outcome:
    """Gives a seat to a person; where the order was screened, once they are (X19)."""
    if subscription.state.export is None:
        return giving.give(subscription, seat, party, message.actor, has_identity=has_identity)
    return joining.ask(subscription, seat, party, message)


def _has_one(subscription: SubscriptionLife, party: str) -> bool:
    return any(seat.party == party for seat in subscription.state.seats.values())


def _too_often(subscription: SubscriptionLife, seat: Seat, at: datetime) -> Refused | None:
    """The refusal of one more invitation to a seat whose invitations of the hour or the day are used up, or None."""
    if seat.invitable_at is None or at >= seat.invitable_at:
        return None
    again = known(subscription.state.terms).calendar.wall(seat.invitable_at)
    said = f"Too many invitations to seat {seat.number} went out; another one may from {again} on. The last one stays good."
    return refused(ErrorCode.INVITED_TOO_OFTEN, said, "T3", "/seat")


def _has_one_already() -> Refused:
    said = "A seat of this subscription is given to this person already, or reserved for them."
    return refused(ErrorCode.ALREADY_ASSIGNED, said, "D3", "/email")


def hours_begin(subscription: SubscriptionLife, request: MailRequest) -> MailRequest:
    """Re-dates an invitation that waited: it names the end of the hours that begin now (T2)."""
    window = Duration.parse(known(subscription.state.line).invitation_window)
    until = closes_at(request.at, window, known(subscription.state.terms).calendar)
    return dated(request, "accept_by", until)


def invitation_sent(subscription: SubscriptionLife, request: MailRequest, outcome: MailOutcome) -> None:
    """Records that the invitation was sent: its hours run from now (T2). One that was refused for good frees its seat."""
    state = subscription.state
    number, invitation = (int(part) for part in request.link_subject.split("."))
    seat = state.seats[number]
    if seat.state != "invited" or seat.offer != invitation:
        return
    if outcome.refusal is not None:
        _undeliverable(subscription, seat, outcome)
        return
    seat.invited_at = outcome.sent_at
    seat.open_until = closes_at(
        outcome.sent_at, Duration.parse(known(state.line).invitation_window), known(state.terms).calendar
    )
    state.agenda.put(
        Entry(
            Due.INVITATION.numbered(number),
            seat.open_until,
            Due.INVITATION,
            "T3",
            "vendor",
            closing=True,
            subject=request.link_subject,
        )
    )
    subscription.transition.record_event(
        outcome.sent_at, events.InvitationSent(seat=number, accept_by=seat.open_until)
    )


def _undeliverable(subscription: SubscriptionLife, seat: Seat, outcome: MailOutcome) -> None:
    """Frees the seat of a person whose mail server refused the invitation for good, and notifies the owner."""
    invited = seat.party
    giving.take(subscription, seat)
    subscription.transition.record_event(outcome.sent_at, events.InvitationUndeliverable(seat=seat.number))
    email = SeatReleased(**subscription.line_facts(), seat=seat.number)
    occurrence = f"seat-{seat.number}/released-{seat.invitation}"
    subscription.mail_admin(email, occurrence, about=invited)
    fewer_seats.tell(subscription)


async def accept(
    subscription: SubscriptionLife, request: AcceptInvitation, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records the completed set-up, judged by its receipt (T2). An old link stays invalid (T3)."""
    state = subscription.state
    seat = state.seats.get(request.seat) or Seat(request.seat)
    if request.invitation == seat.offer and seat.state == "assigned":
        return {"seat": seat.number, "state": seat.state}
    if not _is_open(seat, request.invitation):
        return Refused((invitation_expired("T3"),))
    if state.status is not SubscriptionStatus.ACTIVE:
        return refused(
            ErrorCode.NOT_ACTIVE,
            "The subscription of this invitation is not active. Ask the account owner.",
            "P4",
        )
    if seat.open_until is not None and message.at >= seat.open_until:
        return Refused((invitation_expired("T2"),))
    await subscription.local(SET_UP_IDENTITY, IdentityRequest(state.store, known(seat.party), message.at))
    if not _is_open(seat, request.invitation):
        return Refused((invitation_expired("T3"),))
    state.agenda.remove(Due.INVITATION.numbered(seat.number))
    giving.assign(subscription, seat, message.actor)
    return {"seat": seat.number, "state": seat.state}


def _is_open(seat: Seat, invitation: int | None) -> bool:
    """Whether this invitation to the seat still waits. A switch, or its e-mail that came back, may end it while a step waits (H12, X7)."""
    return seat.state == "invited" and seat.offer == invitation


async def release(subscription: SubscriptionLife, entry: Entry) -> None:
    """Frees a seat whose person did not complete the set-up in time, and notifies the owner. Nothing is sent again by itself (T3)."""
    state = subscription.state
    seat = state.seats[int(entry.subject.split(".")[0])]
    invited = seat.party
    giving.take(subscription, seat)
    released = events.SeatReleased(seat=seat.number, invitation=seat.invitation, accept_by=entry.due_at)
    subscription.transition.record_event(state.now, released)
    subscription.expire("invitation_expired", "T3", {"seat": seat.number, "invitation": seat.invitation})
    email = SeatReleased(**subscription.line_facts(), seat=seat.number, accept_by=entry.due_at)
    subscription.mail_admin(email, f"seat-{seat.number}/released-{seat.invitation}", about=invited)
    fewer_seats.tell(subscription)


async def reinvite(
    subscription: SubscriptionLife, request: ReinviteSeat, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Sends an open invitation again: a new link with new hours, while the former link stays dead (T3).

    A person who set up an identity meanwhile has the seat at once (T1). Whoever is invited was screened before that.
    """
    seat = _numbered(subscription, request.seat)
    if isinstance(seat, Refused):
        return seat
    state = subscription.state
    if seat.state != "invited" or (seat.open_until is not None and message.at >= seat.open_until):
        return _not_invited(seat)
    party, offer = known(seat.party), seat.offer
    identity = await subscription.local(FIND_IDENTITY, PartyQuestion(state.store, party, message.at))
    if not _is_open(seat, offer):
        return _not_invited(seat)
    too_often = None if identity.has_identity else _too_often(subscription, seat, message.at)
    if too_often is not None:
        return too_often
    state.agenda.remove(Due.INVITATION.numbered(seat.number))
    return giving.give(subscription, seat, party, message.actor, has_identity=identity.has_identity)


def _not_invited(seat: Seat) -> Refused:
    said = f"Seat {seat.number} has no open invitation to send again."
    return refused(ErrorCode.NOT_INVITED, said, "T3", "/seat")


async def reassign(
    subscription: SubscriptionLife, request: ReassignSeat, message: ReceivedCommand
) -> Outcome:
    """Gives a seat to another person in one step; the access of whoever has it ends at once (H22)."""
    seat = _numbered(subscription, request.seat)
    if isinstance(seat, Refused):
        return seat
    state = subscription.state
    if _has_one(subscription, request.party):
        return _has_one_already()
    identity = await subscription.local(FIND_IDENTITY, PartyQuestion(state.store, request.party, message.at))
    too_often = None if identity.has_identity else _too_often(subscription, seat, message.at)
    if too_often is not None:
        return too_often
    before, after = ({"seat": seat.number, "party": each} for each in (seat.party, request.party))
    subscription.audit_staff(message, "H22", request.reason, before, after)
    _take_back(subscription, seat, message.actor)
    return _give(subscription, seat, request.party, message, has_identity=identity.has_identity)


async def revoke(
    subscription: SubscriptionLife, request: RevokeSeat, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Revokes a seat; access ends at once (H22)."""
    seat = _numbered(subscription, request.seat)
    if isinstance(seat, Refused):
        return seat
    _take_back(subscription, seat, message.actor)
    return {"seat": seat.number, "state": seat.state}


def _numbered(subscription: SubscriptionLife, number: int) -> Seat | Refused:
    """The seat with this number, or why none is managed."""
    closed, numbers = subscription.users_closed(), subscription.state.numbers
    if closed is not None:
        return closed
    if number not in numbers:
        said = f"There is no seat {number}; the seats are {_spelt(numbers)}."
        return refused(ErrorCode.UNKNOWN_SEAT, said, "H22", "/seat", 404)
    return subscription.state.seats.get(number) or Seat(number)


def _spelt(numbers: Sequence[int]) -> str:
    if isinstance(numbers, range):
        return f"1 to {len(numbers)}"
    return ", ".join(map(str, numbers))


def _take_back(subscription: SubscriptionLife, seat: Seat, actor: str) -> None:
    if seat.state != "free":
        giving.take(subscription, seat)
        event = events.SeatRevoked(seat=seat.number)
        subscription.transition.record_event(subscription.state.now, event, actor=actor)


def _is_invited(subscription: SubscriptionLife, request: MailRequest) -> bool:
    number, invitation = (int(part) for part in request.link_subject.split("."))
    seat = subscription.state.seats[number]
    return seat.state == "invited" and seat.offer == invitation


def _has_seat(subscription: SubscriptionLife, request: MailRequest) -> bool:
    holders = (seat.party for seat in subscription.state.seats.values() if seat.state == "assigned")
    return request.party in holders


STEP = Step(
    takes=(
        takes(AssignSeat, assign),
        takes(AcceptInvitation, accept),
        takes(ReinviteSeat, reinvite),
        takes(ReassignSeat, reassign),
        takes(RevokeSeat, revoke),
    ),
    due={Due.INVITATION: release},
    sent={Invitation: invitation_sent},
    redate={Invitation: hours_begin},
    stands={Invitation: _is_invited, UserAdded: _has_seat},
)
