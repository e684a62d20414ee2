"""A seat is given to a person, at once or by an invitation, and taken from whoever has it (T1, X7)."""

from __future__ import annotations

from typing import Any

from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import Invitation, UserAdded
from workflows.engine.agenda import Due
from workflows.engine.state import known
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.seat import Seat
from workflows.subscription.steps import screening


def give(
    subscription: SubscriptionLife, seat: Seat, party: str, actor: str, *, has_identity: bool
) -> dict[str, Any]:
    """Gives a seat to a person, at once where they have an identity, else by an invitation (T1)."""
    if seat.agreed is not None:
        screening.over(subscription, seat.agreed)
    seat.party, seat.agreed, seat.hold = party, None, None
    subscription.state.seats[seat.number] = seat
    if has_identity:
        assign(subscription, seat, actor)
    else:
        _invite(subscription, seat, actor)
    return answer(seat)


def answer(seat: Seat) -> dict[str, Any]:
    """The answer to whoever asked for the seat."""
    return {"seat": seat.number, "state": seat.state}


def assign(subscription: SubscriptionLife, seat: Seat, actor: str) -> None:
    """Makes the person of the seat a user, and tells them."""
    seat.state, seat.open_until, seat.assignments = "assigned", None, seat.assignments + 1
    seat.assigned_at = subscription.state.now
    subscription.transition.record_event(
        subscription.state.now, events.SeatAssigned(seat=seat.number), actor=actor
    )
    occurrence = f"seat-{seat.number}/user-added/{seat.assignments}"
    subscription.mail(UserAdded(**subscription.line_facts()), occurrence, known(seat.party))


def _invite(subscription: SubscriptionLife, seat: Seat, actor: str) -> None:
    """Invites a person. The hours run from the sending (T2); until the e-mail is sent, the seat is reserved without an end."""
    state = subscription.state
    seat.count_invitation(state.now)
    seat.state, seat.open_until, seat.invited_at = "invited", None, None
    subscription.transition.record_event(
        state.now, events.SeatInvited(seat=seat.number, invitation=seat.invitation), actor=actor
    )
    window = known(state.line).invitation_window
    until = closes_at(state.now, Duration.parse(window), known(state.terms).calendar)
    occurrence = f"seat-{seat.number}/invitation-{seat.invitation}"
    subject = f"{seat.number}.{seat.invitation}"
    email = Invitation(**subscription.line_facts(), accept_by=until, window=window)
    subscription.mail(email, occurrence, known(seat.party), subject)


def take(subscription: SubscriptionLife, seat: Seat) -> None:
    """Frees a seat. Its invitation ends, and so does its screening or hold, whose command is answered where it still waits (X19)."""
    agreed = seat.agreed
    seat.free()
    subscription.state.agenda.remove(Due.INVITATION.numbered(seat.number))
    if agreed is not None:
        screening.over(subscription, agreed)
        screening.answer(subscription, agreed, answer(seat))
