"""A code that is asked for in place: what a stranger at an open screen must not do goes on once it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import MappingProxyType

from fastapi import APIRouter, Request, Response

from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.forms import Sent, check_origin, read_fields
from api.web.hosted.pages import pages_of
from api.web.portal.browsers import device_of
from api.web.portal.page_models import SignInPage, SignInProblem
from api.web.portal.sign_in import MINUTES, html, make_code, page_inside, send_after, typed_digits
from api.web.portal.sites import Visitor, expected_visitor, site_of
from api.web.portal.visits import Visit
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.people.sign_ins import Code, Given, SignIns

NOTHING: Mapping[str, str] = MappingProxyType({})
CODE, AGAIN = "code", "code_again"
"""The fields of the page: the code, and the button that asks for another one."""
A_MINUTE = timedelta(minutes=1)

routes = APIRouter(prefix="/portal", include_in_schema=False)


async def asked_before_page(request: Request, visit: Visit) -> Response | None:
    """The page that asks for a code before the requested page is shown; None where none is needed."""
    visitor = visit.visitor
    if visitor is None or visitor.is_fresh:
        return None
    return await _ask(request, visitor, _page(visitor, visit.store, then=request.url.path))


@routes.post("/{store}/{country}/code-again")
async def send_again(request: Request, store: str, country: str) -> Response:
    """Sends another code to whoever is signed in, and leads on to the page that they asked for."""
    site = site_of(request, store, country)
    check_origin(request)
    visitor = await expected_visitor(request, site)
    then = page_inside(site, (await read_fields(request)).get("then", ""))
    return await _ask(request, visitor, _page(visitor, site.store, then=then), again=True)


async def asked_before_form(request: Request, visit: Visit, sent: Sent) -> Response | None:
    """The page that asks for a code before the form goes on, with what was filled in; None once the code is right, or none is needed."""
    visitor = visit.visitor
    if visitor is None or visitor.is_fresh:
        return None
    pending = {name: value for name, value in sent.fields.items() if name not in (CODE, AGAIN)}
    page = _page(visitor, visit.store, action=request.url.path, pending=pending)
    if AGAIN in sent.fields:
        return await _ask(request, visitor, page, again=True)
    if CODE not in sent.fields:
        return await _ask(request, visitor, page)
    given = await _give(request, visitor, sent.fields[CODE])
    return None if given is Given.RIGHT else await _refuse(request, visitor, page)


def _page(
    visitor: Visitor,
    store: StoreIdentity,
    *,
    then: str = "",
    action: str = "",
    pending: Mapping[str, str] = NOTHING,
) -> SignInPage:
    return SignInPage(
        language=visitor.language,
        store=store,
        base=visitor.site.base,
        email=visitor.person.email,
        then=then,
        minutes=MINUTES,
        confirms=True,
        action=action,
        pending=pending,
    )


async def _ask(request: Request, visitor: Visitor, page: SignInPage, *, again: bool = False) -> Response:
    """The page, once a code is on its way. One that can still be given is not replaced, unless another one is asked for."""
    over_at = await _over_at(request, visitor)
    if over_at is not None and not again:
        return html(pages_of(request).show(replace(page, code_over_at=over_at)))
    made = await make_code(request, visitor.site, visitor.person.id)
    if isinstance(made.code, Code):
        page = replace(page, code_over_at=made.code.over_at, sent=True)
    elif made.code is not None:
        page = replace(page, code_over_at=over_at, again_at=_next_minute(made.code.again_at))
    shown = html(pages_of(request).show(page))
    send_after(request, visitor.site, made, shown)
    return shown


async def _refuse(request: Request, visitor: Visitor, page: SignInPage) -> Response:
    """The page for a code that was not right: it takes another try, or offers another code where this one opens nothing any more."""
    over_at = await _over_at(request, visitor)
    problem: SignInProblem = "code_over" if over_at is None else "code_wrong"
    refused = replace(page, code_over_at=over_at, problem=problem)
    return html(pages_of(request).show(refused), HTTPStatus.UNPROCESSABLE_ENTITY)


async def _over_at(request: Request, visitor: Visitor) -> datetime | None:
    resources = resources_of(request)
    async with resources.sessions.of(visitor.site.policy.id) as tx:
        return await SignIns(resources.vault).over_at(tx, visitor.person.id, device_of(request))


def _next_minute(instant: datetime) -> datetime:
    """The first whole minute that is not before the instant, since pages show no seconds."""
    return instant + (datetime.min.replace(tzinfo=UTC) - instant) % A_MINUTE


async def _give(request: Request, visitor: Visitor, digits: str) -> Given:
    resources = resources_of(request)
    async with resources.sessions.of(visitor.site.policy.id) as tx:
        sign_ins = SignIns(resources.vault)
        spent = context_of(request.scope).spent
        given = await sign_ins.give(tx, visitor.person.id, device_of(request), typed_digits(digits), spent)
        if given is Given.RIGHT:
            await sign_ins.refresh(tx, visitor.token)
        return given
