"""What is read from the page of an entity without changing anything: an e-mail as it was sent, and what the API answers to a GET."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import not_found
from api.web.console.calling import ask
from api.web.console.rendering import HEADERS, show
from api.web.console.sections import SUPPORTERS
from api.web.console.sending import Sent, send
from api.web.console.staff import NotForRole, Staff, staff_of
from jalon.client import support
from jalon.client.calls import Call, body_of, path_to
from jalon.domain.kinds import KINDS

routes = APIRouter(prefix="/console/entities", include_in_schema=False)
FRAMED = "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src data: 'self'; frame-ancestors 'self'; sandbox"
"""The policy of what was made for other readers: it looks as they see it, stands in a frame of the console, and nothing in it acts."""


def mail(entity: str, message: str) -> Call[dict[str, Any]]:
    """An e-mail rendered again from what it was sent with."""
    return Call("GET", path_to("support", "entities", entity, "mails", message))


def resend(entity: str, message: str, reason: str) -> Call[dict[str, Any]]:
    """Sends an e-mail once more, where it is still true."""
    path = path_to("support", "entities", entity, "mails", message, "resend")
    return Call("POST", path, body_of(reason=reason))


@routes.get("/{entity}/mails/{message}")
async def see_mail(request: Request, entity: str, message: str) -> Response:
    """An e-mail as its reader got it, with the form that sends it once more."""
    return await _mail(request, await staff_of(request), entity, message)


async def _mail(
    request: Request, staff: Staff, entity: str, message: str, sent: Sent | None = None
) -> Response:
    found = await ask(request, staff, mail(entity, message))
    status = sent.trouble.status if sent and sent.trouble else HTTPStatus.OK
    return show(request, staff, "mail", status=status, mail=found, entity=entity, sent=sent)


@routes.get("/{entity}/mails/{message}/body")
async def show_mail(request: Request, entity: str, message: str) -> Response:
    """The HTML of an e-mail, for the frame of its page."""
    found = await ask(request, await staff_of(request), mail(entity, message))
    return HTMLResponse(found["html"], headers={"Content-Security-Policy": FRAMED})


@routes.post("/{entity}/mails/{message}/resend")
async def send_again(request: Request, entity: str, message: str) -> Response:
    """Sends the e-mail once more."""
    staff = await staff_of(request, SUPPORTERS)
    sent = await send(request, staff, lambda fields: resend(entity, message, fields.get("reason", "")))
    if sent.trouble is not None:
        return await _mail(request, staff, entity, message, sent)
    kind = KINDS.of_id(entity)
    path = f"/console/{kind.plural if kind else 'orders'}/{entity}"
    return RedirectResponse(f"{path}?done=resend", HTTPStatus.SEE_OTHER)


@routes.get("/{entity}/reads/{name}")
async def read(request: Request, entity: str, name: str) -> Response:
    """An action that changes nothing: a page as the customer sees it, else a file with what the API answers."""
    staff = await staff_of(request)
    shown = await ask(request, staff, support.overview(entity, staff.language))
    chosen = next(
        (each for each in shown["actions"] if each["name"] == name and each["method"] == "GET"), None
    )
    if chosen is None:
        raise not_found("No action")
    if staff.role not in chosen["roles"]:
        raise NotForRole(staff, chosen["roles"])
    found = await ask(request, staff, Call[dict[str, Any]]("GET", chosen["path"]))
    if isinstance(found.get("html"), str):
        return HTMLResponse(found["html"], headers={"Content-Security-Policy": FRAMED})
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}-{entity}.json"'}
    text = json.dumps(found, ensure_ascii=False, indent=2)
    return Response(text, media_type="application/json", headers=headers)
