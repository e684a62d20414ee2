"""Signing in at the console by a one-time link, signing out, and the language."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.console.openid import offers_openid
from api.web.console.rendering import show_to_strangers
from api.web.console.staff import (
    LANGUAGE_COOKIE,
    LANGUAGE_KEPT_SECONDS,
    PATH,
    SignInFirst,
    forget,
    is_secure,
    language_of,
    page_inside,
    posted,
    remember,
    staff_of,
)
from api.web.forms import check_origin, read_fields
from jalon.integrations.mail.formats import LANGUAGES
from jalon.persistence.operations import keys, staff_links
from jalon.persistence.operations.staff_links import LINK_LASTS

log = structlog.get_logger("jalon.api")
routes = APIRouter(prefix="/console", include_in_schema=False)
MINUTES = int(LINK_LASTS.total_seconds() // 60)


def show_sign_in(request: Request, then: str = "", status: int = HTTPStatus.OK) -> Response:
    """The page that says how to get in."""
    return show_to_strangers(
        request,
        "sign_in",
        language_of(request),
        status,
        then=page_inside(then) if then else "",
        openid=offers_openid(request),
        minutes=MINUTES,
    )


async def sign_in_first(request: Request, error: Exception) -> Response:
    """The sign-in, for somebody who asked for a page behind it. A part of a page takes the whole page there."""
    if not isinstance(error, SignInFirst):
        raise error
    page = show_sign_in(request, error.then, HTTPStatus.UNAUTHORIZED)
    if "hx-request" in request.headers:
        page.headers["HX-Redirect"] = f"{PATH}/sign-in"
    return page


@routes.get("/sign-in")
async def begin(request: Request) -> Response:
    """How to get in."""
    return show_sign_in(request, request.query_params.get("then", ""))


@routes.get("/sign-in/{token}")
async def see_link(request: Request, token: str) -> Response:
    """Whom the link signs in, with the button that does. Opening it uses nothing up, since mail tools open links."""
    async with resources_of(request).sessions.unscoped() as tx:
        link = await staff_links.find(tx, token)
    return _link_page(request, link)


def _link_page(request: Request, link: staff_links.StaffLink | None) -> Response:
    status = HTTPStatus.OK if link else HTTPStatus.GONE
    return show_to_strangers(
        request,
        "sign_in_link",
        language_of(request),
        status,
        link=link,
        path=request.url.path,
        minutes=MINUTES,
    )


@routes.post("/sign-in/{token}")
async def use_link(request: Request, token: str) -> Response:
    """Signs in whoever has the link, once."""
    check_origin(request)
    async with resources_of(request).sessions.unscoped() as tx:
        session = await staff_links.use(tx, token)
    if session is None:
        return _link_page(request, None)
    return await enter(request, session, "link", PATH)


async def enter(request: Request, session: str, by: str, then: str) -> Response:
    """Begins the session in this browser, in place of any former one."""
    async with resources_of(request).sessions.unscoped() as tx:
        key = await keys.find(tx, session)
    if key is not None:
        context = context_of(request.scope)
        context.caller, context.role = f"key:{key.id}", key.role
        log.info("staff_signed_in", key=key.id, role=key.role, by=by, reference=context.reference)
    response = RedirectResponse(then, HTTPStatus.SEE_OTHER)
    remember(request, response, session)
    return response


@routes.post("/sign-out")
async def leave(request: Request) -> Response:
    """Ends the session everywhere."""
    staff = await staff_of(request)
    await posted(request, staff)
    async with resources_of(request).sessions.unscoped() as tx:
        await keys.revoke(tx, staff.key.id, staff.person)
    request.app.state.keyring.forget(staff.token)
    response = RedirectResponse(f"{PATH}/sign-in", HTTPStatus.SEE_OTHER)
    forget(response)
    return response


@routes.post("/language")
async def choose_language(request: Request) -> Response:
    """Keeps the language of this browser, and returns to the page."""
    check_origin(request)
    fields = await read_fields(request)
    response = RedirectResponse(page_inside(fields.get("then", "")), HTTPStatus.SEE_OTHER)
    if (language := fields.get("language")) in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            str(language),
            max_age=LANGUAGE_KEPT_SECONDS,
            path=PATH,
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )
    return response
