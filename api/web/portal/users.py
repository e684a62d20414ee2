"""The pages of a subscription's users: the list, and one user with what can be done (H20, P1, P9)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.http.errors import not_found
from api.web.forms import new_nonce
from api.web.hosted.page_models import Form
from api.web.hosted.pages import pages_of
from api.web.portal.fresh import asked_before_page
from api.web.portal.sign_in import html
from api.web.portal.user_list import chosen, free_in, page_with, rows_of
from api.web.portal.user_models import Done, Person, UserPage, UserProblem, UserRow, UsersPage
from api.web.portal.visits import Action, Visit, possible
from jalon.domain.projections import SeatState
from jalon.integrations.mail.formats import LANGUAGES

SEARCHED_AT_MOST = 100
DIGITS_AT_MOST = 5
NOTHING_FILLED: Mapping[str, str] = {}


# -- the list ----------------------------------------------------------------------------------------------------------------------


async def show_users(request: Request, visit: Visit) -> Response:
    """The users by seat number, a page of them, or those whose name or address holds what is searched."""
    if Action.USERS not in visit.offered:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    return await asked_before_page(request, visit) or await users_page(request, visit)


async def users_page(
    request: Request,
    visit: Visit,
    *,
    problem: UserProblem | None = None,
    filled: Mapping[str, str] = NOTHING_FILLED,
    problems: tuple[UserProblem, ...] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    """The list; `problems` are those of the form as it was filled in, `problem` is any other."""
    subscription, given, here = visit.subscription, request.query_params, f"{visit.base}/{Action.USERS}"
    search = " ".join(given.get("q", "").split())[:SEARCHED_AT_MOST]
    about = await _row_of(request, visit, _number(given.get("seat", "")))
    asked = _number(given.get("page", "")) or (page_with(subscription, about.number) if about else 1)
    shown = await chosen(request, visit, search, asked)
    page = UsersPage(
        language=visit.language,
        store=visit.store,
        base=here,
        home=visit.base if visit.visitor is not None else None,
        subscription=subscription,
        person=_person(visit, f"{here}/add", filled, problems),
        rows=shown.rows,
        free=free_in(subscription),
        search=search,
        matches=shown.matches,
        before=_paged(here, search, shown.page - 1) if shown.page > 1 else None,
        after=_paged(here, search, shown.page + 1) if shown.page < shown.pages else None,
        signs_in=visit.at_the_portal if visit.visitor is None else None,
        done=_done(given.get("done", ""), about),
        about=about,
        problem=problem,
        may_choose=Action.WHO_STAYS in possible(subscription, visit.now),
        choice_url=f"{visit.base}/{Action.WHO_STAYS}" if Action.WHO_STAYS in visit.offered else None,
    )
    return html(pages_of(request).show(page), status)


def _paged(here: str, search: str, page: int) -> str:
    return f"{here}?{urlencode(({'q': search} if search else {}) | {'page': page})}"


def _number(text: str) -> int:
    """A number of a few digits; 0 for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_AT_MOST else 0


def _done(told: str, about: UserRow | None) -> Done | None:
    """What was done to the seat, while it still is as that left it."""
    fits = {
        "given": about is not None and about.state is not SeatState.FREE,
        "reinvited": about is not None and about.state is SeatState.INVITED,
        "revoked": about is not None and about.state is SeatState.FREE,
    }
    return cast(Done, told) if fits.get(told) else None


def _person(
    visit: Visit, action: str, filled: Mapping[str, str], problems: tuple[UserProblem, ...]
) -> Person:
    spoken = tuple(each for each in LANGUAGES if each in visit.policy.store.languages)
    known = {"language": visit.language if visit.language in spoken else visit.policy.store.default_language}
    return Person(Form(action, {"nonce": new_nonce()}), spoken, known | dict(filled), problems)


async def _row_of(request: Request, visit: Visit, number: int) -> UserRow | None:
    """The row of a seat, free or not; None for a number that is none."""
    if number not in visit.subscription.seat_numbers:
        return None
    held = [each for each in visit.subscription.seats if each.number == number]
    rows = await rows_of(request, visit, held)
    return rows[0] if rows else UserRow(number, number, SeatState.FREE)


# -- one user ----------------------------------------------------------------------------------------------------------------------


async def show_user(request: Request, visit: Visit) -> Response:
    """One user with what can be done."""
    if Action.USERS not in visit.offered:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    row = await asked_row(request, visit)
    if row.state is SeatState.FREE:
        return RedirectResponse(f"{visit.base}/{Action.USERS}", HTTPStatus.SEE_OTHER)
    return await asked_before_page(request, visit) or user_page(request, visit, row)


async def asked_row(request: Request, visit: Visit) -> UserRow:
    """The row of the seat in the path. Raises Problem for a number that is none."""
    row = await _row_of(request, visit, _number(request.path_params["seat"]))
    if row is None:
        raise not_found("No seat")
    return row


def user_page(
    request: Request,
    visit: Visit,
    row: UserRow,
    *,
    filled: Mapping[str, str] = NOTHING_FILLED,
    problems: tuple[UserProblem, ...] = (),
    warns: bool = False,
    status: int = HTTPStatus.OK,
) -> Response:
    """One user, or before their seat is taken back the warning."""
    here = f"{visit.base}/{Action.USERS}"
    page = UserPage(
        language=visit.language,
        store=visit.store,
        base=here,
        subscription=visit.subscription,
        row=row,
        form=Form(row.url, {"nonce": new_nonce(), "holder": row.party}),
        person=_person(visit, f"{row.url}/reassign", filled, problems),
        warns=warns,
    )
    return html(pages_of(request).show(page), status)
