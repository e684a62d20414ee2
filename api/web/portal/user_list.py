"""The seats of a subscription as rows of a page, with the people who have them; free ones in a row are one row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from api.http.resources import resources_of
from api.web.portal.user_models import UserRow
from api.web.portal.visits import Action, Visit
from jalon.domain.projections import SeatProjection, SeatState, SubscriptionProjection
from jalon.persistence.people.parties import Party

ON_A_PAGE = 50
WRITTEN_TO = frozenset({SeatState.INVITED, SeatState.ASSIGNED})
"""The states of a seat whose holder gets e-mails; one who is being checked gets none (X19)."""


async def rows_of(request: Request, visit: Visit, seats: Sequence[SeatProjection]) -> list[UserRow]:
    """The rows of seats that somebody has, with the names and addresses of today (X18)."""
    resources = resources_of(request)
    async with resources.sessions.of(visit.policy.id) as tx:
        people = await resources.parties.read(tx, *(each.party for each in seats if each.party))
    return [_row(visit, each, people) for each in seats]


def _row(visit: Visit, seat: SeatProjection, people: Mapping[str, Party]) -> UserRow:
    person, fewer = people.get(seat.party or ""), visit.subscription.fewer_seats
    return UserRow(
        number=seat.number,
        last=seat.number,
        state=seat.state,
        url=f"{visit.base}/{Action.USERS}/{seat.number}",
        name=person.name if person else "",
        email=person.email if person else "",
        party=seat.party or "",
        open_until=seat.open_until,
        invitable_at=seat.invitable_at if seat.invitable_at and visit.now < seat.invitable_at else None,
        assigned_at=seat.assigned_at,
        leaves_at=fewer.at if fewer is not None and seat.number in fewer.leaving else None,
        unreached=person is not None and person.undeliverable is not None and seat.state in WRITTEN_TO,
    )


def found(rows: Sequence[UserRow], search: str) -> list[UserRow]:
    """The rows whose name or address holds these letters."""
    wanted = search.casefold()
    return [each for each in rows if wanted in each.name.casefold() or wanted in each.email.casefold()]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows of a page among `pages`, of all seats, or of the `matches` of a search."""

    rows: tuple[UserRow, ...]
    page: int
    pages: int
    matches: int = 0


async def chosen(request: Request, visit: Visit, search: str, page: int) -> Chosen:
    """The page of this number, or the last one: of all seats, or of those whose person is searched."""
    subscription = visit.subscription
    if search:
        matching = found(await rows_of(request, visit, subscription.seats), search)
        page, pages = _within(page, len(matching))
        first, last = _numbered(page)
        return Chosen(tuple(matching[first - 1 : last]), page, pages, len(matching))
    page, pages = _within(page, subscription.seat_count)
    first, last = _numbered(page)
    numbers = subscription.seat_numbers[first - 1 : last]
    held = [each for each in subscription.seats if each.number in numbers]
    rows = with_free(await rows_of(request, visit, held), numbers)
    return Chosen(tuple(rows), page, pages)


def page_with(subscription: SubscriptionProjection, number: int) -> int:
    """The page on which a seat is."""
    return _page_of(bisect_right(subscription.seat_numbers, number))


def _page_of(place: int) -> int:
    return -(-place // ON_A_PAGE)


def _within(page: int, count: int) -> tuple[int, int]:
    pages = max(_page_of(count), 1)
    return min(max(page, 1), pages), pages


def _numbered(page: int) -> tuple[int, int]:
    return (page - 1) * ON_A_PAGE + 1, page * ON_A_PAGE


def with_free(held: Sequence[UserRow], numbers: Sequence[int]) -> Iterator[UserRow]:
    """The rows of these numbers: those that are held, and between them free ones, in a row as one."""
    rows, free = {each.number: each for each in held}, FREE
    for number in numbers:
        if number in rows:
            yield from _any(free)
            yield rows[number]
            free = FREE
        elif free is not FREE and free.last == number - 1:
            free = replace(free, last=number)
        else:
            yield from _any(free)
            free = replace(FREE, number=number, last=number)
    yield from _any(free)


def _any(free: UserRow) -> Iterator[UserRow]:
    if free is not FREE:
        yield free


FREE = UserRow(0, 0, SeatState.FREE)


def free_in(subscription: SubscriptionProjection) -> int:
    """How many seats nobody has."""
    return max(subscription.seat_count - len(subscription.seats), 0)
