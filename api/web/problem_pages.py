"""The pages at the `type` of a problem: the meaning of each error code, and the remedy (T15)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.http.dependencies import TheResources
from api.http.errors import Problem, support_address, title_of, type_of
from api.web.hosted.page_models import ErrorListPage, ErrorPage
from api.web.hosted.pages import PAGE_POLICY, pages_of
from jalon.domain.error_codes import AREAS, ERRORS, Code, ErrorCode, ErrorDescription, read_code
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.integrations.mail.typography import typeset
from jalon.policy.model.store_policy import StorePolicy

routes = APIRouter(prefix="/problems", include_in_schema=False)

CACHED_SECONDS = 3600
_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cache-Control": f"public, max-age={CACHED_SECONDS}",
}


@routes.get("")
async def list_problems(request: Request) -> Response:
    """Every code with its title, by area."""
    areas = {
        area: {code.value: typeset(described.title, "en") for code, described in codes.items()}
        for area, codes in AREAS.items()
    }
    page = ErrorListPage("en", _installation(request), areas)
    return HTMLResponse(pages_of(request).errors(page), headers=_HEADERS)


@routes.get("/{name}")
async def show_problem(request: Request, name: str, resources: TheResources) -> Response:
    """The page of one code. Raises Problem for a text that is no code of this installation."""
    code = read_code(name)
    described = describe(code, resources.policies.values())
    if described is None:
        detail = "There is no problem with this code; /problems lists every code."
        raise Problem(HTTPStatus.NOT_FOUND, ErrorCode.UNKNOWN_PATH, detail)
    page = ErrorPage(
        language="en",
        store=_installation(request),
        code=code,
        title=typeset(described.title, "en"),
        cause=typeset(described.cause, "en"),
        way_out=typeset(described.way_out, "en"),
        statuses=described.statuses,
        rule=described.rule,
        example=json.dumps(_example(request, code, described), indent=2, ensure_ascii=False),
    )
    return HTMLResponse(pages_of(request).error(page), headers=_HEADERS)


def describe(code: Code, policies: Iterable[StorePolicy]) -> ErrorDescription | None:
    """The description of the code: from the table of codes, or from the stores whose cart rules have this code."""
    if isinstance(code, ErrorCode):
        return ERRORS[code]
    named = [rule for policy in policies for rule in policy.rules.cart.rules if rule.code == code]
    if not named:
        return None
    messages = dict.fromkeys(rule.message.rstrip(".") for rule in named)
    cause = f"The lines of the cart break a rule of the store: {'; '.join(messages)}."
    rules = {rule.rule for rule in named}
    way_out = "Change the lines that the violations point to."
    return ErrorDescription(title_of(code), cause, way_out, (422,), rules.pop() if len(rules) == 1 else None)


def _example(request: Request, code: Code, described: ErrorDescription) -> dict[str, Any]:
    """The fields that every answer with this code shares. A code that names no problem is shown as a violation of one."""
    named = described.within or code
    problem: dict[str, Any] = {
        "type": type_of(request, named),
        "title": title_of(named),
        "status": described.statuses[0],
        "code": named,
    }
    if described.within is not None:
        return problem | {"violations": [{"code": code}]}
    return problem | ({"rule": described.rule} if described.rule else {})


def _installation(request: Request) -> StoreIdentity:
    return StoreIdentity("Jalon", support_address(request), "UTC")
