"""Emergency stops of charges and of e-mail, store by store: what stands still, stopping it, and letting it go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.rendering import show
from api.web.console.sections import STOPPERS, STOPS
from api.web.console.sending import Sent, send
from api.web.console.staff import Staff, staff_of
from jalon.client import operations
from jalon.client.calls import Call

routes = APIRouter(prefix=STOPS.path, include_in_schema=False)


@routes.get("")
async def list_stops(request: Request) -> Response:
    """What is stopped, and what can be."""
    return await _show(request, await staff_of(request, STOPS.roles))


@routes.post("")
async def change_stop(request: Request) -> Response:
    """Stops charges or e-mail in a store, or lets them go on."""
    staff = await staff_of(request, STOPPERS)

    def call(fields: Mapping[str, str]) -> Call[Any]:
        what, reason = cast(Any, fields.get("what", "")), fields.get("reason", "")
        return operations.change_stop(
            fields.get("store", ""), what, reason, stopped=fields.get("stopped") == "yes"
        )

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        return await _show(request, staff, sent)
    return RedirectResponse(STOPS.path, HTTPStatus.SEE_OTHER)


async def _show(request: Request, staff: Staff, sent: Sent | None = None) -> Response:
    found = (await ask(request, staff, operations.stops()))["data"]
    return show(
        request,
        staff,
        "stops",
        status=sent.trouble.status if sent and sent.trouble else HTTPStatus.OK,
        stopped=[each for each in found if each["stopped"]],
        stores=list(dict.fromkeys(each["store"] for each in found)),
        may_stop=staff.role in STOPPERS,
        sent=sent,
        now=datetime.now(UTC).isoformat(),
    )
