"""A code that is asked for in place: what a stranger at an open screen must not do goes on once it is given."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response

from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.forms import Sent
from api.web.hosted.pages import pages_of
from api.web.portal.browsers import device_of
from api.web.portal.page_models import SignInPage, SignInProblem
from api.web.portal.sign_in import MINUTES, html, send_after, typed_digits
from api.web.portal.sites import Visitor
from api.web.portal.visits import Visit
from jalon.persistence.people.sign_ins import Given, SignIns

CODE = "code"


async def asked_before_page(request: Request, visit: Visit) -> Response | None:
    """The page that asks for a code before the requested page is shown; None where none is needed."""
    visitor = visit.visitor
    if visitor is None or visitor.is_fresh:
        return None
    page = SignInPage(
        language=visit.language,
        store=visit.store,
        base=visitor.site.base,
        email=visitor.person.email,
        then=request.url.path,
        minutes=MINUTES,
        confirms=True,
    )
    shown = html(pages_of(request).show(page))
    await send_after(request, visitor.site, visitor.person.id, shown)
    return shown


async def asked_before_form(request: Request, visit: Visit, sent: Sent) -> Response | None:
    """The page that asks for a code before the form goes on, with what was filled in; None once the code is right, or none is needed."""
    visitor = visit.visitor
    if visitor is None or visitor.is_fresh:
        return None
    problem: SignInProblem | None = None
    if CODE in sent.fields:
        given = await _give(request, visitor, sent.fields[CODE])
        if given is Given.RIGHT:
            return None
        problem = "code_over" if given is Given.OVER else "code_wrong"
    page = SignInPage(
        language=visit.language,
        store=visit.store,
        base=visitor.site.base,
        email=visitor.person.email,
        problem=problem,
        minutes=MINUTES,
        confirms=True,
        action=request.url.path,
        pending={name: value for name, value in sent.fields.items() if name != CODE},
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    shown = html(pages_of(request).show(page), status)
    if problem != "code_wrong":
        await send_after(request, visitor.site, visitor.person.id, shown)
    return shown


async def _give(request: Request, visitor: Visitor, digits: str) -> Given:
    resources = resources_of(request)
    async with resources.sessions.of(visitor.site.policy.id) as tx:
        sign_ins = SignIns(resources.vault)
        spent = context_of(request.scope).spent
        given = await sign_ins.give(tx, visitor.person.id, device_of(request), typed_digits(digits), spent)
        if given is Given.RIGHT:
            await sign_ins.refresh(tx, visitor.token)
        return given
