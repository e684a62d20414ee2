"""Signing in with an e-mail address and the code that goes there (P3). Nobody learns from it who is a customer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.background import BackgroundTask

from api.http.request_context import context_of
from api.http.resources import ApiResources, resources_of
from api.web.forms import check_origin, read_fields
from api.web.hosted.links import country_of, open_link, unknown_link
from api.web.hosted.pages import PAGE_POLICY, pages_of
from api.web.portal.browsers import asker_of, device_of, remember_browser
from api.web.portal.page_models import SignInPage, SignInProblem
from api.web.portal.sites import SignInFirst, Site, Visitor, forget, remember, site_of, visitor_of
from jalon.addresses import read_address
from jalon.integrations.mail.port import MailFault
from jalon.persistence.people.sign_ins import CODE_LASTS, Asker, Code, Given, SignIns, UsedUp

log = structlog.get_logger("jalon.api")
routes = APIRouter(prefix="/portal", include_in_schema=False)
by_activation = APIRouter(include_in_schema=False)
TYPED_AT_MOST = 254
SENT_WITHIN_SECONDS = 60.0
"""How long the mail server may take; then the code is given up, and whoever waits for it asks for another one."""
_under_way: set[asyncio.Task[None]] = set()
MINUTES = int(CODE_LASTS.total_seconds() // 60)


def html(text: str, status: int = HTTPStatus.OK) -> HTMLResponse:
    """A page of the portal."""
    return HTMLResponse(text, status, headers={"Content-Security-Policy": PAGE_POLICY})


def show_sign_in(
    request: Request,
    site: Site,
    *,
    email: str | None = None,
    typed: str = "",
    then: str = "",
    problem: SignInProblem | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    """The page that asks for the address, or once it is given for the code."""
    page = SignInPage(
        language=site.language(request),
        store=site.store,
        base=site.base,
        email=email,
        typed=typed[:TYPED_AT_MOST],
        then=then,
        problem=problem,
        minutes=MINUTES,
    )
    return html(pages_of(request).show(page), status)


async def sign_in_first(request: Request, error: Exception) -> Response:
    """The sign-in of the site, for somebody who asked for a page behind it."""
    if not isinstance(error, SignInFirst):
        raise error
    return show_sign_in(request, error.site, then=error.then, status=HTTPStatus.UNAUTHORIZED)


@routes.post("/{store}/{country}/code")
async def send_code(request: Request, store: str, country: str) -> Response:
    """Sends a code to the person with this address, where there is one. The page is the same for everybody."""
    site = site_of(request, store, country)
    check_origin(request)
    fields = await read_fields(request)
    then = page_inside(site, fields.get("then", ""))
    typed = fields.get("email", "").strip()
    try:
        email = read_address(typed)
    except ValueError:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return show_sign_in(request, site, then=then, problem="email_wrong", typed=typed, status=status)
    resources = resources_of(request)
    async with resources.sessions.of(site.policy.id) as tx:
        found = await resources.parties.find(tx, email)
    page = show_sign_in(request, site, email=email, then=then)
    send_after(request, site, await make_code(request, site, found[0] if found else None), page)
    return page


@dataclass(frozen=True, slots=True)
class Made:
    """A code for the person `party`, made for a browser: `code` is None where there is nobody, and UsedUp where none may be made."""

    party: str
    asker: Asker
    code: Code | UsedUp | None


async def make_code(request: Request, site: Site, party: str | None) -> Made:
    """Makes a code for a person, in place of any former one of this browser."""
    resources, asker = resources_of(request), asker_of(request, party or "")
    if party is None:
        return Made("", asker, None)
    async with resources.sessions.of(site.policy.id) as tx:
        return Made(party, asker, await SignIns(resources.vault).new_code(tx, site.policy.id, party, asker))


def send_after(request: Request, site: Site, made: Made, page: Response) -> None:
    """Sends a code after the page has gone, so that the time of the answer tells nothing.

    A browser without a token gets one, whoever was asked for.
    """
    if not device_of(request):
        remember_browser(request, page, site, made.asker.device)
    if isinstance(made.code, Code):
        resources, party, code = resources_of(request), made.party, made.code
        reference = context_of(request.scope).reference
        page.background = BackgroundTask(_send_beside, resources, site.policy.id, party, code, reference)


async def _send_beside(resources: ApiResources, store: str, party: str, code: Code, reference: str) -> None:
    """Begins to send the code. The request keeps its turn until it returns, and must not wait for a slow mail server."""
    task = asyncio.create_task(_send(resources, store, party, code, reference))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _send(resources: ApiResources, store: str, party: str, code: Code, reference: str) -> None:
    try:
        async with asyncio.timeout(SENT_WITHIN_SECONDS):
            await resources.mail.send_sign_in_code(store, party, code)
    except (MailFault, TimeoutError) as fault:
        log.warning("sign_in_code_unsent", store=store, reference=reference, fault=type(fault).__name__)


@routes.post("/{store}/{country}/session")
async def begin_session(request: Request, store: str, country: str) -> Response:
    """Signs in whoever gives the code that was sent to their address."""
    site = site_of(request, store, country)
    check_origin(request)
    fields = await read_fields(request)
    email, then = fields.get("email", ""), page_inside(site, fields.get("then", ""))
    given, party = await _given(request, site, email, fields.get("code", ""))
    if given is not Given.RIGHT:
        problem: SignInProblem = "code_over" if given is Given.OVER else "code_wrong"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return show_sign_in(request, site, email=email, then=then, problem=problem, status=status)
    resources = resources_of(request)
    async with resources.sessions.of(store) as tx:
        token = await SignIns(resources.vault).begin(tx, store, party, by_code=True)
    response = RedirectResponse(then or site.base, HTTPStatus.SEE_OTHER)
    remember(request, response, site, token)
    remember_browser(request, response, site, device_of(request), party)
    return response


async def _given(request: Request, site: Site, email: str, digits: str) -> tuple[Given, str]:
    """What the code is worth, and the person. An address that nobody has gets the answer of a wrong code."""
    resources = resources_of(request)
    async with resources.sessions.of(site.policy.id) as tx:
        try:
            found = await resources.parties.find(tx, email)
        except ValueError:
            found = []
        if not found:
            return Given.WRONG, ""
        return await SignIns(resources.vault).give(
            tx, found[0], device_of(request), typed_digits(digits), context_of(request.scope).spent
        ), found[0]


def typed_digits(text: str) -> str:
    """A code as somebody typed or pasted it, without the blanks in it."""
    return "".join(text.split())


def page_inside(site: Site, path: str) -> str:
    """A page of this site, to which the sign-in leads; empty for any other address."""
    inside = path.startswith(f"{site.base}/") and path.isprintable() and "\\" not in path and "//" not in path
    return path if inside else ""


@by_activation.post("/h/contract/{token}/portal")
async def enter_by_activation(request: Request, token: str) -> Response:
    """Lets the admin in by the link of the activation, without a code (P3): enough to look, and to do what needs no fresh code."""
    check_origin(request)
    opened = await open_link(request, "contract", token)
    reader, resources, store = opened.reader, resources_of(request), opened.link.store
    if reader is None or reader.id != opened.subscription.admin:
        raise unknown_link()
    async with resources.sessions.of(store) as tx:
        site = site_of(request, store, await country_of(tx, opened.subscription))
        session = await SignIns(resources.vault).begin(tx, store, reader.id, by_code=False)
    response = RedirectResponse(f"{site.base}/subscriptions/{opened.subscription.id}", HTTPStatus.SEE_OTHER)
    remember(request, response, site, session)
    return response


@routes.post("/{store}/{country}/sign-out")
async def end_session(request: Request, store: str, country: str) -> Response:
    """Signs out: the session opens nothing any more, on any device that has it."""
    site = site_of(request, store, country)
    check_origin(request)
    visitor = await visitor_of(request, site)
    if visitor is not None:
        await _end(request, visitor)
    response = RedirectResponse(site.base, HTTPStatus.SEE_OTHER)
    forget(response, site)
    return response


async def _end(request: Request, visitor: Visitor) -> None:
    resources = resources_of(request)
    async with resources.sessions.of(visitor.site.policy.id) as tx:
        await SignIns(resources.vault).end(tx, visitor.token)
