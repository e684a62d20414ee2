"""The transfer of the administration at the portal: choose, check, confirm; or call it off (H13, P11, X11)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.errors import Problem
from api.http.writing import existing, submitter_of
from api.web.forms import Sent, check_origin, new_nonce, out_of_date, read_form
from api.web.hosted.error_pages import message
from api.web.hosted.page_models import Form
from api.web.hosted.pages import pages_of
from api.web.portal.fresh import asked_before_form, asked_before_page
from api.web.portal.home import PASSED_ON
from api.web.portal.page_models import Successor, TransferFormPage, TransferProblem
from api.web.portal.sign_in import html
from api.web.portal.sites import site_of
from api.web.portal.successors import SHOWN_AT_MOST, named, party_of, shown_users, users_of
from api.web.portal.visits import Action, Visit, at_the_portal
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SeatState
from jalon.domain.terms import TRANSFER_WINDOW
from jalon.inbox.submission import Submission
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import CallOffTransfer, TransferAdmin

routes = APIRouter(prefix="/portal/{store}/{country}/subscriptions/{subscription}", include_in_schema=False)
SPOKEN = {"fr": "Français", "en": "English"}
NOTHING: Mapping[str, str] = MappingProxyType({})
FIELDS = ("by", "seat", "email", "name", "language")
LATE = "late"


@routes.get(f"/{Action.TRANSFER}")
async def show_transfer(request: Request) -> Response:
    """Asks who is to be the admin."""
    visit = await at_the_portal(request)
    if Action.TRANSFER not in visit.offered:
        return RedirectResponse(visit.base, HTTPStatus.SEE_OTHER)
    return await asked_before_page(request, visit) or await _choose(request, visit)


@routes.post(f"/{Action.TRANSFER}")
async def transfer(request: Request) -> Response:
    """The choice leads to the check; only the check's own button takes effect (H13)."""
    check_origin(request)
    sent = await read_form(request)
    try:
        visit = await at_the_portal(request)
    except Problem:
        # The second click of somebody who has just passed it on: there is nothing of theirs here any more.
        site = site_of(request, request.path_params["store"], request.path_params["country"])
        return RedirectResponse(site.base, HTTPStatus.SEE_OTHER)
    if Action.TRANSFER not in visit.offered:
        return _back(visit, LATE)
    filled = {name: sent.fields[name] for name in FIELDS if name in sent.fields}
    who, problems = await named(request, visit, filled)
    if who is None:
        return await _choose(request, visit, filled, problems)
    if sent.fields.get("confirmed") != "yes":
        return _check(request, visit, who)
    return await asked_before_form(request, visit, sent) or await _pass_on(request, visit, who, sent)


async def _choose(
    request: Request,
    visit: Visit,
    filled: Mapping[str, str] = NOTHING,
    problems: tuple[TransferProblem, ...] = (),
) -> Response:
    page = TransferFormPage(
        language=visit.language,
        store=visit.store,
        base=visit.base,
        subscription=visit.subscription,
        form=_form(visit),
        users=await shown_users(request, visit),
        more_users=len(users_of(visit)) > SHOWN_AT_MOST,
        languages={code: SPOKEN[code] for code in visit.policy.store.languages if code in SPOKEN},
        filled={"seat": "", "email": "", "name": "", "language": ""} | dict(filled),
        problems=problems,
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return html(pages_of(request).show(page), status)


def _check(request: Request, visit: Visit, who: Successor) -> Response:
    if who.seat is None:
        filled = {"by": "address", "email": who.email, "name": who.name, "language": who.language}
    else:
        filled = {"by": "seat", "seat": str(who.seat)}
    calendar = Calendar(visit.policy.store.zone)
    subscription = visit.subscription
    page = TransferFormPage(
        language=visit.language,
        store=visit.store,
        base=visit.base,
        subscription=subscription,
        form=_form(visit),
        successor=who,
        accept_by=None if who.seat else closes_at(visit.now, TRANSFER_WINDOW, calendar),
        holds_seat=any(
            seat.party == subscription.admin and seat.state is SeatState.ASSIGNED
            for seat in subscription.seats
        ),
        filled=filled,
    )
    return html(pages_of(request).show(page))


def _form(visit: Visit) -> Form:
    return Form(f"{visit.base}/{Action.TRANSFER}", {"nonce": new_nonce()})


async def _pass_on(request: Request, visit: Visit, who: Successor, sent: Sent) -> Response:
    async def compose(tx: AsyncConnection, _: TargetState) -> Command:
        return TransferAdmin(await party_of(request, tx, visit, who), who.seat)

    target = existing(SUBSCRIPTION, visit.subscription.id)
    submission = await submitter_of(request).submit(visit.caller, sent.idempotent_request, target, compose)
    if _is_applied(submission) and who.seat is not None:
        if not (submission.receipt.outcome or {}).get("transferred"):
            return _back(visit, "held")
        return RedirectResponse(f"{visit.site.base}?done={PASSED_ON}", HTTPStatus.SEE_OTHER)
    return _then(request, visit, submission, "asked")


@routes.post(f"/{Action.CALL_OFF}")
async def call_off(request: Request) -> Response:
    """Calls the pending transfer off."""
    check_origin(request)
    sent = await read_form(request)
    visit = await at_the_portal(request)
    number = sent.fields.get("transfer", "")
    if not (number.isascii() and number.isdigit() and len(number) < len("1000000")):
        raise out_of_date()
    if Action.CALL_OFF not in visit.offered:
        return _back(visit, LATE)
    asked = await asked_before_form(request, visit, sent)
    if asked is not None:
        return asked

    async def compose(_tx: AsyncConnection, _: TargetState) -> Command:
        return CallOffTransfer(int(number))

    target = existing(SUBSCRIPTION, visit.subscription.id)
    submission = await submitter_of(request).submit(visit.caller, sent.idempotent_request, target, compose)
    return _then(request, visit, submission, "called_off")


def _is_applied(submission: Submission) -> bool:
    return not submission.receipt.deferred and submission.receipt.state != "refused"


def _then(request: Request, visit: Visit, submission: Submission, done: str) -> Response:
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, visit)
    return _back(visit, done if _is_applied(submission) else LATE)


def _back(visit: Visit, done: str) -> Response:
    return RedirectResponse(f"{visit.base}?done={done}", HTTPStatus.SEE_OTHER)
