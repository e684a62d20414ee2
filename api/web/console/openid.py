"""Signing in at the console by the installation's OpenID Connect provider."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

import structlog
from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import not_found
from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.console.rendering import show_to_strangers
from api.web.console.staff import PATH, is_secure, language_of, page_inside, remember
from jalon.domain.staff import Grant, grants_of
from jalon.integrations.openid import Attempt, OpenIdProvider, SignInRefused
from jalon.persistence.operations import keys, staff_links
from jalon.persistence.operations.staff_links import SESSION_LASTS
from jalon.settings import Settings

log = structlog.get_logger("jalon.api")
routes = APIRouter(prefix="/console", include_in_schema=False)
COOKIE = "jalon_sign_in"
COOKIE_PATH = "/console/openid"
WITHIN_SECONDS = 600
ISSUED_BY = "OpenID Connect"


def offers_openid(request: Request) -> bool:
    """Whether this installation has a provider."""
    return resources_of(request).settings.oidc_issuer is not None


def _provider(request: Request) -> OpenIdProvider:
    settings: Settings = resources_of(request).settings
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        raise not_found("No identity provider")
    known: OpenIdProvider | None = getattr(request.app.state, "openid", None)
    if known is None:
        secret = settings.oidc_client_secret.get_secret_value()
        known = OpenIdProvider(settings.oidc_issuer, settings.oidc_client_id or "", secret)
        request.app.state.openid = known
    return known


def _back_to(request: Request) -> str:
    return f"{resources_of(request).settings.public_url}{COOKIE_PATH}/return"


@routes.get("/openid")
async def begin(request: Request) -> Response:
    """Sends the browser to the provider, with what it has to bring back in a cookie."""
    attempt = Attempt.begin()
    try:
        address = await _provider(request).address(attempt, _back_to(request))
    except SignInRefused as refused:
        return _refusal(request, refused.reason, HTTPStatus.BAD_GATEWAY)
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    then = quote(page_inside(request.query_params.get("then", "")), safe="")
    response.set_cookie(
        COOKIE,
        f"{attempt.state}.{attempt.nonce}.{attempt.verifier}.{then}",
        max_age=WITHIN_SECONDS,
        path=COOKIE_PATH,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


@routes.get("/openid/return")
async def come_back(request: Request) -> Response:
    """Signs in whoever the provider vouches for, in the role that their claim grants. Of several roles one is chosen."""
    kept = request.cookies.get(COOKIE, "").split(".", 3)
    attempt, then = (Attempt(*kept[:3]), unquote(kept[3])) if len(kept) == 4 else (None, "")  # noqa: PLR2004
    given = request.query_params
    if attempt is None or not hmac.compare_digest(given.get("state", "").encode(), attempt.state.encode()):
        return _refusal(request, "state_unknown", HTTPStatus.BAD_REQUEST)
    if "code" not in given:
        return _refusal(request, "not_granted", HTTPStatus.FORBIDDEN)
    try:
        claims = await _provider(request).claims(attempt, given["code"], _back_to(request))
    except SignInRefused as refused:
        return _refusal(request, refused.reason, HTTPStatus.BAD_GATEWAY)
    return await _admit(request, claims, page_inside(then))


async def _admit(request: Request, claims: Mapping[str, Any], then: str) -> Response:
    settings: Settings = resources_of(request).settings
    named = claims.get(settings.oidc_person_claim)
    if not isinstance(named, str) or (
        settings.oidc_person_claim == "email" and claims.get("email_verified") is False
    ):
        return _refusal(request, "nobody_named", HTTPStatus.FORBIDDEN)
    held = claims.get(settings.oidc_roles_claim)
    values = [held] if isinstance(held, str) else [each for each in held or () if isinstance(each, str)]
    grants = grants_of(values, settings.oidc_roles or {})
    if not grants:
        return _refusal(request, "no_role", HTTPStatus.FORBIDDEN)
    try:
        async with resources_of(request).sessions.unscoped() as tx:
            if len(grants) > 1:
                return await _choice(request, tx, named, grants)
            token = await _session(tx, named, grants[0])
    except keys.NoPerson:
        return _refusal(request, "nobody_named", HTTPStatus.FORBIDDEN)
    log.info(
        "staff_signed_in", role=grants[0].role, by="openid", reference=context_of(request.scope).reference
    )
    response = RedirectResponse(then, HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    remember(request, response, token)
    return response


async def _session(tx: AsyncConnection, person: str, grant: Grant) -> str:
    # Nobody but the person's own browser sees the token.
    return await keys.issue(
        tx,
        person=person,
        role=grant.role,
        stores=grant.stores,
        issued_by=ISSUED_BY,
        accepted=True,
        lasts=SESSION_LASTS,
    )


async def _choice(request: Request, tx: AsyncConnection, person: str, grants: tuple[Grant, ...]) -> Response:
    """The page with a one-time link for each role. It stands in this browser alone, so that the session counts as accepted."""
    links = [
        await staff_links.make(
            tx, person=person, role=each.role, stores=each.stores, issued_by=ISSUED_BY, accepted=True
        )
        for each in grants
    ]
    choices = [(each.role, link.path) for each, link in zip(grants, links, strict=True)]
    return show_to_strangers(request, "sign_in_role", language_of(request), choices=choices, person=person)


def _refusal(request: Request, reason: str, status: int) -> Response:
    log.warning("staff_sign_in_refused", reason=reason, reference=context_of(request.scope).reference)
    return show_to_strangers(
        request,
        "sign_in_refused",
        language_of(request),
        status,
        reason=reason
        if reason in {"no_role", "nobody_named", "state_unknown", "not_granted"}
        else "provider",
        reference=context_of(request.scope).reference,
        again=PATH,
    )
