"""Requests to put another person in as admin, as a second person decides on them beside the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import not_found
from api.web.console.acting import Attempt
from api.web.console.entities import RECOVERY, show_entity
from api.web.console.sections import RECOVERERS
from api.web.console.sending import send
from api.web.console.staff import staff_of
from api.web.forms import out_of_date
from jalon.client import support
from jalon.client.calls import Call

routes = APIRouter(prefix="/console/entities", include_in_schema=False)
DECISIONS: Final[Mapping[str, Callable[[str, int, str], Call[Any]]]] = {
    "approve": support.approve_admin_recovery,
    "refuse": support.refuse_admin_recovery,
}


@routes.post("/{entity}/recoveries/{number}")
async def decide(request: Request, entity: str, number: str) -> Response:
    """Approves or refuses a request, by the button that was pressed. Where the API refuses, the page says why beside the form."""
    staff = await staff_of(request, RECOVERERS)
    if not number.isascii() or not number.isdecimal():
        raise not_found("No request")

    def call(fields: Mapping[str, str]) -> Call[Any]:
        made = DECISIONS.get(fields.get("decision", ""))
        if made is None:
            raise out_of_date()
        return made(entity, int(number), fields.get("reason", ""))

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        attempt = Attempt(f"{RECOVERY}{number}", sent.typed, sent.trouble)
        return await show_entity(request, staff, entity, attempt=attempt, status=sent.trouble.status)
    return RedirectResponse(f"/console/subscriptions/{entity}", HTTPStatus.SEE_OTHER)
