"""The seats of a subscription as rows of a page, with the people who have them; free ones in a row are one row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request

from api.http.resources import resources_of
from api.web.portal.user_models import UserRow
from api.web.portal.visits import Action, Visit
from jalon.domain.projections import SeatProjection, SeatState, SubscriptionProjection
from jalon.persistence.people.parties import Party

ON_A_PAGE = 50


async def rows_of(request: Request, visit: Visit, seats: Sequence[SeatProjection]) -> list[UserRow]:
    """The rows of seats that somebody has, with the names and addresses of today (X18)."""
    resources = resources_of(request)
    async with resources.sessions.of(visit.policy.id) as tx:
        people = await resources.parties.read(tx, *(each.party for each in seats if each.party))
    return [_row(visit, each, people) for each in seats]


def _row(visit: Visit, seat: SeatProjection, people: Mapping[str, Party]) -> UserRow:
    person = people.get(seat.party or "")
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
    held = [each for each in subscription.seats if first <= each.number <= last]
    rows = with_free(await rows_of(request, visit, held), first, min(last, subscription.seat_count))
    return Chosen(tuple(rows), page, pages)


def page_of(number: int) -> int:
    """The page on which a seat is."""
    return -(-number // ON_A_PAGE)


def _within(page: int, count: int) -> tuple[int, int]:
    pages = max(page_of(count), 1)
    return min(max(page, 1), pages), pages


def _numbered(page: int) -> tuple[int, int]:
    return (page - 1) * ON_A_PAGE + 1, page * ON_A_PAGE


def with_free(held: Sequence[UserRow], first: int, last: int) -> Iterator[UserRow]:
    """The rows from a seat to another with the free ones between them."""
    following = first
    for each in held:
        yield from _free(following, each.number - 1)
        yield each
        following = each.number + 1
    yield from _free(following, last)


def _free(first: int, last: int) -> Iterator[UserRow]:
    if first <= last:
        yield replace(FREE, number=first, last=last)


FREE = UserRow(0, 0, SeatState.FREE)


def free_in(subscription: SubscriptionProjection) -> int:
    """How many seats nobody has."""
    return max(subscription.seat_count - len(subscription.seats), 0)
