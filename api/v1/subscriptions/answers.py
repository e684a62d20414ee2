"""Subscriptions as answers: their projections with people in place of ids, without the parts that a role may not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Person
from api.http.rendering import STAFF, person
from api.v1.lists import Page
from api.v1.orders.answers import Hold, hold_answer
from api.v1.waits import words_for
from jalon.domain.projections import (
    SEATS_SHOWN,
    WHERE_KNOWN,
    ParkedStep,
    SeatFacts,
    SeatProjection,
    SeatState,
    SubscriptionFacts,
    SubscriptionProjection,
    TransferFacts,
    TransferProjection,
)
from jalon.domain.terms import ActivationStep
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.people.parties import Party


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Seat(SeatFacts):
    """An assignable unit: free, invited until `open_until` (X7) or assigned. `user` has the seat or is invited to it."""

    user: Person | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Transfer(TransferFacts):
    """A transfer of the administration that waits for the person `to`, until `accept_by` (X11).

    From `agreed_at` on it is being processed; `hold` is set while two reviewers are to decide on it (X19).
    """

    to: Person
    hold: Hold | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class ActivationResult:
    """The result of an activation step: the next step, None when all are done."""

    subscription: str
    next_step: ActivationStep | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class SubscriptionResult:
    """The result of a write, beside the subscription as it stands now: `needed` reviewers, of whom `decisions` decided."""

    subscription: str | None = field(default=None, metadata=WHERE_KNOWN)
    seat: int | None = field(default=None, metadata=WHERE_KNOWN)
    state: SeatState | None = field(default=None, metadata=WHERE_KNOWN)
    term_end: datetime | None = field(default=None, metadata=WHERE_KNOWN)
    data_until: datetime | None = field(default=None, metadata=WHERE_KNOWN)
    renews_at: datetime | None = field(default=None, metadata=WHERE_KNOWN)
    transfer: int | None = field(default=None, metadata=WHERE_KNOWN)
    transferred: bool | None = field(default=None, metadata=WHERE_KNOWN)
    decisions: int | None = field(default=None, metadata=WHERE_KNOWN)
    needed: int | None = field(default=None, metadata=WHERE_KNOWN)
    step: str | None = field(default=None, metadata=WHERE_KNOWN)
    action: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Subscription(SubscriptionFacts):
    """A subscription: its steps, its term, its renewal, its seats (P2). `waits_for` is `waiting_for` in words.

    `seats` are the first 100 of `seat_count`; `/v1/subscriptions/{id}/seats` lists all, page by page.
    `buyer` is who bought, for good (X18); `admin` manages it now, and `transfer` is pending where a new person was asked to (X11).
    `parked` holds the parked steps and is for staff; `result` is in the answer to a write.
    """

    buyer: Person
    admin: Person
    transfer: Transfer | None
    seats: tuple[Seat, ...]
    waits_for: str | None
    parked: tuple[ParkedStep, ...] | None = field(default=None, metadata=WHERE_KNOWN)
    result: ActivationResult | SubscriptionResult | None = field(default=None, metadata=WHERE_KNOWN)


_RESULT: TypeAdapter[ActivationResult | SubscriptionResult | None] = TypeAdapter(
    ActivationResult | SubscriptionResult | None
)


class SeatPage(Page[Seat]):
    """A page of the seats of a subscription, by number."""


class SubscriptionPage(Page[Subscription]):
    """A page of subscriptions, newest first."""


def subscription_answer(
    view: Mapping[str, Any], people: Mapping[str, Party], role: str, result: Mapping[str, Any] | None = None
) -> Subscription:
    """The subscription of a stored view as an answer to a caller of this role."""
    projected = subscription_of(view)
    facts: dict[str, Any] = {each.name: getattr(projected, each.name) for each in fields(SubscriptionFacts)}
    return Subscription(
        **facts,
        buyer=person(projected.buyer, people, projected.buyer_names),
        admin=_admin(projected, people),
        transfer=_transfer(projected.transfer, people, role),
        seats=seats_of(projected, people, 1, SEATS_SHOWN),
        waits_for=words_for(projected.waiting_for),
        parked=projected.parked if role in STAFF else None,
        result=_RESULT.validate_python(result),
    )


def _admin(projected: SubscriptionProjection, people: Mapping[str, Party]) -> Person:
    return person(projected.admin, people, projected.admin_names)


def _transfer(pending: TransferProjection | None, people: Mapping[str, Party], role: str) -> Transfer | None:
    if pending is None:
        return None
    facts: dict[str, Any] = {each.name: getattr(pending, each.name) for each in fields(TransferFacts)}
    return Transfer(**facts, to=person(pending.party, people), hold=hold_answer(pending.hold, role))


def seats_of(
    projected: SubscriptionProjection, people: Mapping[str, Party], first: int, most: int
) -> tuple[Seat, ...]:
    """The seats from the number `first` on, at most `most`, free ones among them."""
    taken = {seat.number: seat for seat in projected.seats}
    last = min(first + most - 1, projected.seat_count)
    return tuple(_seat(taken.get(number, free(number)), people) for number in range(first, last + 1))


def free(number: int) -> SeatProjection:
    """A seat that nobody has."""
    return SeatProjection(
        number=number, state=SeatState.FREE, party=None, invitation=None, invited_at=None, open_until=None
    )


def _seat(seat: SeatProjection, people: Mapping[str, Party]) -> Seat:
    facts: dict[str, Any] = {each.name: getattr(seat, each.name) for each in fields(SeatFacts)}
    return Seat(**facts, user=person(seat.party, people) if seat.party else None)
