"""Subscriptions as answers: their projections with people in place of ids, without the parts that a role may not see."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Answer, Person
from api.http.rendering import STAFF, person
from api.v1.lists import Page
from api.v1.live import LiveView
from api.v1.orders.answers import Hold, hold_answer
from api.v1.waits import words_for
from jalon.domain.money import Money
from jalon.domain.projections import (
    SEATS_SHOWN,
    WHERE_KNOWN,
    ParkedStep,
    PersonHold,
    SeatFacts,
    SeatProjection,
    SeatState,
    SubscriptionFacts,
    SubscriptionProjection,
    TransferFacts,
)
from jalon.domain.terms import ActivationStep
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.people.parties import Party


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Seat(SeatFacts):
    """An assignable unit: free, held since `held_since` (X19), invited until `open_until` (X7) or assigned.

    `user` has the seat, or it is reserved for them.
    """

    user: Person | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Transfer(TransferFacts):
    """A transfer of the administration that waits for the person `to`, until `accept_by` (X11).

    From `agreed_at` on it is being processed; `hold` is set while two reviewers are to decide on it (X19).
    """

    to: Person
    hold: Hold | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class HeldPerson(Hold):
    """A hold of a `person` who joins what was cleared: as the user of `seat`, or where that is None as the new admin (X19).

    The person has the names that were screened, whatever they are called now (X18).
    """

    person: Person
    seat: int | None


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
    `holds` are those on which two reviewers are to decide, each by its `turn`, the oldest first (X19).
    `parked` holds the parked steps and is for staff; `result` is in the answer to a write.
    """

    buyer: Person
    admin: Person
    transfer: Transfer | None
    holds: tuple[HeldPerson, ...]
    seats: tuple[Seat, ...]
    waits_for: str | None
    parked: tuple[ParkedStep, ...] | None = field(default=None, metadata=WHERE_KNOWN)
    live: LiveView | None = field(default=None, metadata=WHERE_KNOWN)
    result: ActivationResult | SubscriptionResult | None = field(default=None, metadata=WHERE_KNOWN)


_RESULT: TypeAdapter[ActivationResult | SubscriptionResult | None] = TypeAdapter(
    ActivationResult | SubscriptionResult | None
)


class NoticeState(StrEnum):
    """What became of a notice of the renewal. Only one that was taken, or told, proves that the customer was told."""

    ON_ITS_WAY = "on_its_way"
    TAKEN = "taken"
    TOLD = "told"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class RenewalNotice:
    """One notice of the renewal at `renews_at`, with its proof: when it was taken, by which server, and what that server said (X15, X16).

    It announced `price` and gave until `refuse_by` to refuse; None where it left too late, or too early, to count. `how` and `by` are of
    one that support told in another way. `code` is why it failed: the refusal, or the status of the report with which it came back.
    """

    notice: str
    state: NoticeState
    announced_at: datetime
    taken_at: datetime | None = None
    price: Money
    renews_at: datetime
    refuse_by: datetime | None = None
    message_id: str | None = None
    server: str | None = None
    answer: str | None = None
    how: str | None = None
    by: str | None = None
    code: str | None = None


class NoticeList(Answer):
    """The notices of all renewals of a subscription, oldest first."""

    data: list[RenewalNotice]


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
        transfer=_transfer(projected, people, role),
        holds=tuple(_held_person(each, people, role) for each in projected.holds),
        seats=seats_of(projected, people, 1, SEATS_SHOWN),
        waits_for=words_for(projected.waiting_for),
        parked=projected.parked if role in STAFF else None,
        result=_RESULT.validate_python(result),
    )


def _admin(projected: SubscriptionProjection, people: Mapping[str, Party]) -> Person:
    return person(projected.admin, people, projected.admin_names)


def _transfer(projected: SubscriptionProjection, people: Mapping[str, Party], role: str) -> Transfer | None:
    pending = projected.transfer
    if pending is None:
        return None
    facts: dict[str, Any] = {each.name: getattr(pending, each.name) for each in fields(TransferFacts)}
    held = next((hold_answer(each, role) for each in projected.holds if each.seat is None), None)
    return Transfer(**facts, to=person(pending.party, people), hold=held)


def _held_person(hold: PersonHold, people: Mapping[str, Party], role: str) -> HeldPerson:
    shown = hold_answer(hold, role)
    facts: dict[str, Any] = {each.name: getattr(shown, each.name) for each in fields(Hold)}
    return HeldPerson(**facts, person=person(hold.party, people, hold.names), seat=hold.seat)


def seats_of(
    projected: SubscriptionProjection, people: Mapping[str, Party], first: int, most: int
) -> tuple[Seat, ...]:
    """The seats from the number `first` on, at most `most`, free ones among them."""
    taken = {seat.number: seat for seat in projected.seats}
    return tuple(
        _seat(taken.get(number, free(number)), people) for number in numbers_from(projected, first, most)
    )


def numbers_from(projected: SubscriptionProjection, first: int, most: int) -> Sequence[int]:
    """The numbers of the seats from `first` on, at most `most`."""
    numbers = projected.seat_numbers
    begin = bisect_left(numbers, first)
    return numbers[begin : begin + most]


def free(number: int) -> SeatProjection:
    """A seat that nobody has."""
    return SeatProjection(
        number=number, state=SeatState.FREE, party=None, invitation=None, invited_at=None, open_until=None
    )


def _seat(seat: SeatProjection, people: Mapping[str, Party]) -> Seat:
    facts: dict[str, Any] = {each.name: getattr(seat, each.name) for each in fields(SeatFacts)}
    return Seat(**facts, user=person(seat.party, people) if seat.party else None)
