"""The choice of who stays at a renewal with fewer seats, until the cutoff (X25)."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.writing import existing, submitter_of
from api.web.forms import Sent, check_origin, new_nonce, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.page_models import Form
from api.web.hosted.pages import pages_of
from api.web.portal.acting import LATE
from api.web.portal.fresh import asked_before_form, asked_before_page
from api.web.portal.serving import Handlers, serve_to_both
from api.web.portal.sign_in import html
from api.web.portal.user_list import rows_of
from api.web.portal.user_models import UserRow, WhoStaysPage
from api.web.portal.visits import Action, Visit
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import FewerSeats
from jalon.domain.terms import SEATS_AT_MOST
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import KeepSeats

routes = APIRouter(include_in_schema=False)
FIELDS_AT_MOST = SEATS_AT_MOST + 10
"""A box for each seat, and the few fields that every form has."""
DONE = "kept"


async def show_choice(request: Request, visit: Visit) -> Response:
    """Everybody who has a seat; ticked are those who stay as it stands."""
    fewer = _offered(visit)
    if fewer is None:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    asked = await asked_before_page(request, visit)
    if asked is not None:
        return asked
    return await _page(request, visit, fewer, done=request.query_params.get("done") == DONE)


def _offered(visit: Visit) -> FewerSeats | None:
    """The renewal with fewer seats, while the reader may choose here."""
    return visit.subscription.fewer_seats if Action.WHO_STAYS in visit.offered else None


async def _page(
    request: Request,
    visit: Visit,
    fewer: FewerSeats,
    *,
    ticked: Iterable[int] | None = None,
    done: bool = False,
    problem: Literal["too_many", "changed"] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    subscription = visit.subscription
    staying = (each.number for each in subscription.seats if each.number not in fewer.leaving)
    page = WhoStaysPage(
        language=visit.language,
        store=visit.store,
        home=visit.base,
        subscription=subscription,
        fewer=fewer,
        form=Form(f"{visit.base}/{Action.WHO_STAYS}", {"nonce": new_nonce()}),
        rows=tuple(await rows_of(request, visit, subscription.seats)),
        chosen=frozenset(staying if ticked is None else ticked),
        done=done,
        problem=problem,
    )
    return html(pages_of(request).show(page), status)


async def choose(request: Request, visit: Visit) -> Response:
    """Keeps the choice, in place of an earlier one."""
    check_origin(request)
    sent, fewer = await read_form(request, FIELDS_AT_MOST), _offered(visit)
    if fewer is None:
        return RedirectResponse(f"{visit.base}?done={LATE}", HTTPStatus.SEE_OTHER)
    ticked = {
        row.number: row
        for row in await rows_of(request, visit, visit.subscription.seats)
        if _ticked(sent, row)
    }
    if len(ticked) < sum(name.startswith(_BOX) for name in sent.fields):
        return await _page(request, visit, fewer, problem="changed", status=HTTPStatus.CONFLICT)
    if len(ticked) > fewer.seat_count:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(request, visit, fewer, ticked=ticked, problem="too_many", status=status)
    return await asked_before_form(request, visit, sent) or await _keep(request, visit, sent, tuple(ticked))


_BOX = "seat-"
"""The name of a box, before the number of its seat; its value is the person whom the page showed."""


def _ticked(sent: Sent, row: UserRow) -> bool:
    return bool(row.party) and sent.fields.get(f"{_BOX}{row.number}") == row.party


async def _keep(request: Request, visit: Visit, sent: Sent, seats: tuple[int, ...]) -> Response:
    async def compose(_: AsyncConnection, __: TargetState) -> Command:
        return KeepSeats(seats)

    target = existing(SUBSCRIPTION, visit.subscription.id)
    submission = await submitter_of(request).submit(visit.caller, sent.idempotent_request, target, compose)
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, visit)
    if submission.receipt.state == "refused":
        return RedirectResponse(f"{visit.base}?done={LATE}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"{visit.base}/{Action.WHO_STAYS}?done={DONE}", HTTPStatus.SEE_OTHER)


HANDLERS: Handlers = (
    ("GET", f"/{Action.WHO_STAYS}", show_choice),
    ("POST", f"/{Action.WHO_STAYS}", choose),
)
serve_to_both(routes, HANDLERS)
