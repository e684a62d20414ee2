"""What an admin does with the users of a subscription: add, invite again, give a seat to another person, take it back (H20 to H22)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import EmailAddress, Name
from api.http.resources import resources_of
from api.http.writing import existing, submitter_of, violations_of
from api.web.forms import Sent, check_origin, read_form
from api.web.hosted.error_pages import message
from api.web.portal.fresh import asked_before_form
from api.web.portal.serving import Handlers, serve_to_both
from api.web.portal.user_models import Done, UserProblem, UserRow
from api.web.portal.users import asked_row, show_user, show_users, user_page, users_page
from api.web.portal.visits import Action, Visit
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SeatState
from jalon.inbox.submission import Submission
from jalon.persistence.entities import entities
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command
from workflows.subscription.commands import AssignSeat, ReassignSeat, ReinviteSeat, RevokeSeat

routes = APIRouter(include_in_schema=False)
Compose = Callable[[AsyncConnection], Awaitable[Command]]
_EMAIL: TypeAdapter[str] = TypeAdapter(EmailAddress)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_REFUSED: Mapping[str, UserProblem] = {
    ErrorCode.ALREADY_ASSIGNED: "already_assigned",
    ErrorCode.NO_FREE_SEAT: "no_free_seat",
    ErrorCode.INVITED_TOO_OFTEN: "too_often",
}
"""The problem of the form for a refusal; any other is that something changed meanwhile."""


async def add_user(request: Request, visit: Visit) -> Response:
    """Gives the first free seat to a person: at once where they have an identity, else by an invitation (T1, H21)."""
    sent = _by_content(await _form(request))
    if Action.USERS not in visit.offered:
        return _too_late(visit)
    problems = _wrong(visit, sent)
    if problems:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await users_page(request, visit, filled=sent.fields, problems=problems, status=status)

    async def again(now: Visit, problem: UserProblem) -> Response:
        of_form: tuple[UserProblem, ...] = (problem,) if problem == "already_assigned" else ()
        other, status = None if of_form else problem, HTTPStatus.CONFLICT
        return await users_page(
            request, now, problem=other, filled=sent.fields, problems=of_form, status=status
        )

    async def compose(tx: AsyncConnection) -> Command:
        return AssignSeat(await _met(request, visit, sent, tx))

    return await _do(request, visit, sent, compose, "given", again)


async def reassign_user(request: Request, visit: Visit) -> Response:
    """Gives the seat to another person in one step; the access of whoever has it ends at once (H22)."""
    sent = await _form(request)
    row = await _held_row(request, visit, sent)
    if row is None:
        return await _changed(request, visit)
    problems = _wrong(visit, sent)
    if problems:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return user_page(request, visit, row, filled=sent.fields, problems=problems, status=status)

    async def again(now: Visit, problem: UserProblem) -> Response:
        if problem != "already_assigned":
            return await users_page(request, now, problem=problem, status=HTTPStatus.CONFLICT)
        problems: tuple[UserProblem, ...] = (problem,)
        return user_page(request, now, row, filled=sent.fields, problems=problems, status=HTTPStatus.CONFLICT)

    async def compose(tx: AsyncConnection) -> Command:
        return ReassignSeat(await _met(request, visit, sent, tx), row.number)

    return await _do(request, visit, sent, compose, "given", again, row)


async def reinvite_user(request: Request, visit: Visit) -> Response:
    """Sends an open invitation again: a new link and new hours (T2, T3)."""
    sent = await _form(request)
    row = await _held_row(request, visit, sent)
    if row is None or row.state is not SeatState.INVITED:
        return await _changed(request, visit)

    async def again(now: Visit, problem: UserProblem) -> Response:
        return await users_page(request, now, problem=problem, status=HTTPStatus.CONFLICT)

    return await _do(request, visit, sent, _always(ReinviteSeat(row.number)), "reinvited", again, row)


async def revoke_user(request: Request, visit: Visit) -> Response:
    """Leads to a warning; only the warning's own button takes the seat back (H22)."""
    sent = await _form(request)
    row = await _held_row(request, visit, sent)
    if row is None:
        return await _changed(request, visit)
    if sent.fields.get("confirmed") != "yes":
        return await asked_before_form(request, visit, sent) or user_page(request, visit, row, warns=True)
    return await _do(request, visit, sent, _always(RevokeSeat(row.number)), "revoked", row=row)


def _always(command: Command) -> Compose:
    async def compose(_: AsyncConnection) -> Command:
        return command

    return compose


def _by_content(sent: Sent) -> Sent:
    """The form, where another person in it is another write: somebody goes back to the form and fills in the next one."""
    asked = sent.idempotent_request
    return replace(sent, idempotent_request=replace(asked, key=f"{asked.key[:32]}-{asked.fingerprint.hex()}"))


async def _form(request: Request) -> Sent:
    check_origin(request)
    return await read_form(request)


def _too_late(visit: Visit) -> Response:
    """The page of the subscription, which tells why its users are not managed now (P10)."""
    return RedirectResponse(f"{visit.base}?done=late", HTTPStatus.SEE_OTHER)


async def _changed(request: Request, visit: Visit) -> Response:
    """The users as they are now, for whom a form was about somebody who has the seat no more."""
    if Action.USERS not in visit.offered:
        return _too_late(visit)
    return await users_page(request, visit, problem="changed", status=HTTPStatus.CONFLICT)


async def _held_row(request: Request, visit: Visit, sent: Sent) -> UserRow | None:
    """The row of the form, while the person whom its page showed still has the seat."""
    if Action.USERS not in visit.offered:
        return None
    row = await asked_row(request, visit)
    return row if row.party and row.party == sent.fields.get("holder") else None


def _wrong(visit: Visit, sent: Sent) -> tuple[UserProblem, ...]:
    fields, problems = sent.fields, list[UserProblem]()
    if not _fits(_EMAIL, fields.get("email", "").strip()):
        problems.append("email_wrong")
    if not _fits(_NAME, " ".join(fields.get("name", "").split())):
        problems.append("name_wrong")
    if fields.get("language") not in visit.policy.store.languages:
        problems.append("language_wrong")
    return tuple(problems)


def _fits(field: TypeAdapter[str], text: str) -> bool:
    try:
        field.validate_python(text)
    except ValidationError:
        return False
    return True


async def _met(request: Request, visit: Visit, sent: Sent, tx: AsyncConnection) -> str:
    """The person of the form. Somebody who is known keeps the name under which they are (X18)."""
    return await resources_of(request).parties.meet(
        tx,
        visit.policy.id,
        email=_EMAIL.validate_python(sent.fields["email"].strip()),
        name=_NAME.validate_python(" ".join(sent.fields["name"].split())),
        language=sent.fields["language"],
    )


async def _do(
    request: Request,
    visit: Visit,
    sent: Sent,
    compose: Compose,
    done: Done,
    again: Callable[[Visit, UserProblem], Awaitable[Response]] | None = None,
    row: UserRow | None = None,
) -> Response:
    """Submits the command, after a code where one is needed, and shows the list with what was done."""
    asked = await asked_before_form(request, visit, sent)
    if asked is not None:
        return asked

    async def composed(tx: AsyncConnection, _: TargetState) -> Command:
        return await compose(tx)

    target = existing(SUBSCRIPTION, visit.subscription.id)
    submission = await submitter_of(request).submit(visit.caller, sent.idempotent_request, target, composed)
    if submission.receipt.deferred:
        return message(request, "working", HTTPStatus.ACCEPTED, visit)
    if submission.receipt.state == "refused":
        now = await _as_it_is(request, visit)
        if again is None or Action.USERS not in now.offered:
            return await _changed(request, now)
        return await again(now, _problem(submission))
    seat = row.number if row else _seat_of(submission)
    return RedirectResponse(f"{visit.base}/{Action.USERS}?done={done}&seat={seat}", HTTPStatus.SEE_OTHER)


async def _as_it_is(request: Request, visit: Visit) -> Visit:
    """The visit with the subscription as it is after a command."""
    async with resources_of(request).sessions.of(visit.policy.id) as tx:
        entity = await entities.find(tx, SUBSCRIPTION, visit.subscription.id)
    return visit if entity is None else replace(visit, subscription=subscription_of(entity.view))


def _problem(submission: Submission) -> UserProblem:
    codes = [each.code for each in violations_of(submission.receipt)]
    return next((_REFUSED[code] for code in codes if code in _REFUSED), "changed")


def _seat_of(submission: Submission) -> int:
    return int((submission.receipt.outcome or {}).get("seat", 0))


HANDLERS: Handlers = (
    ("GET", f"/{Action.USERS}", show_users),
    ("POST", f"/{Action.USERS}/add", add_user),
    ("GET", f"/{Action.USERS}/{{seat}}", show_user),
    ("POST", f"/{Action.USERS}/{{seat}}/reinvite", reinvite_user),
    ("POST", f"/{Action.USERS}/{{seat}}/reassign", reassign_user),
    ("POST", f"/{Action.USERS}/{{seat}}/revoke", revoke_user),
)
serve_to_both(routes, HANDLERS)
