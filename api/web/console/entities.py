"""The page of one order or subscription: the answers that a customer on the line wants, what happened, and what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.acting import Attempt, done_in, forms_of
from api.web.console.calling import ask
from api.web.console.rendering import show, wants_part
from api.web.console.sections import RECOVERERS
from api.web.console.staff import Staff, staff_of
from jalon.client import support
from jalon.client.shapes import Page
from jalon.domain.kinds import KINDS, ORDER
from jalon.integrations.mail.formats import Language

routes = APIRouter(prefix="/console", include_in_schema=False)
FILTERS: Final[Mapping[str, tuple[str, ...]]] = {
    "mail": ("mail",),
    "payment": ("payment", "webhook"),
    "operator": ("operator", "note", "reset"),
}
"""The kinds of a history that each filter shows."""
SHOWN = 30
RECOVERY: Final = "recovery-"
"""How the name of an attempt at a decision on a recovery begins. Its number follows."""
PARTS = frozenset({"now", "acts", "side", "story"})


@routes.get("/entities/{entity}")
async def lead(entity: str) -> Response:
    """The page of an entity of whatever kind."""
    kind = KINDS.of_id(entity)
    return RedirectResponse(f"/console/{kind.plural if kind else 'orders'}/{entity}", 303)


@routes.get("/orders/{entity}")
@routes.get("/subscriptions/{entity}")
async def see(request: Request, entity: str) -> Response:
    """The page, or with scripts the part of it that has changed."""
    staff = await staff_of(request)
    part = request.query_params.get("part", "")
    block = part if wants_part(request) and part in PARTS else None
    return await show_entity(request, staff, entity, block=block)


async def show_entity(
    request: Request,
    staff: Staff,
    entity: str,
    *,
    block: str | None = None,
    attempt: Attempt | None = None,
    status: int = 200,
) -> Response:
    """The page of the entity; after an attempt that was refused, with what was typed."""
    only = request.query_params.get("only", "")
    only = only if only in FILTERS else ""
    shown, history = await asyncio.gather(
        ask(request, staff, support.overview(entity, staff.language)),
        _story(request, staff, entity, only, block),
    )
    return show(
        request,
        staff,
        "entity",
        status=status,
        block=block,
        o=shown,
        history=history,
        only=only,
        later="later" in request.query_params,
        forms=forms_of(shown, attempt),
        recoveries=await _recoveries(request, staff, shown, block),
        attempt=attempt,
        done=done_in(request, shown),
    )


async def _recoveries(
    request: Request, staff: Staff, shown: Mapping[str, Any], block: str | None
) -> list[dict[str, Any]]:
    """The requests to put another admin in that wait for a second person, for whoever may be that."""
    if not shown["recoveries"] or staff.role not in RECOVERERS or block not in {None, "acts"}:
        return []
    found = await ask(request, staff, support.admin_recoveries(shown["id"]))
    return [each for each in found["data"] if each["state"] == "awaiting_approval"]


async def _story(
    request: Request, staff: Staff, entity: str, only: str, block: str | None
) -> Page[Any] | None:
    """A page of what happened, of the wanted kinds alone."""
    if block not in {None, "story"}:
        return None
    wanted = support.history(
        entity,
        lang=staff.language,
        with_subscriptions=ORDER.is_id(entity),
        kinds=FILTERS.get(only, ()),
        limit=SHOWN,
        after=request.query_params.get("after"),
    )
    return await ask(request, staff, wanted)


@routes.get("/entities/{entity}/said/{language}")
async def say(request: Request, entity: str, language: Language) -> Response:
    """The sentence for a customer who speaks another language than whoever works here. The page asks for it once it is shown."""
    staff = await staff_of(request)
    theirs = await ask(request, staff, support.overview(entity, language))
    return show(request, staff, "said", theirs=theirs)
