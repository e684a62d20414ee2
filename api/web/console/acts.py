"""An action from the page of an entity, carried out by the API."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import not_found
from api.web.console.acting import Attempt, call_of
from api.web.console.calling import answer_of, ask
from api.web.console.entities import show_entity
from api.web.console.problems import Trouble
from api.web.console.staff import NotForRole, posted, staff_of
from api.web.forms import out_of_date
from jalon.client import support
from jalon.client.errors import ApiError
from jalon.domain.kinds import KINDS

routes = APIRouter(prefix="/console", include_in_schema=False)


@routes.post("/entities/{entity}/acts/{name}")
async def act(request: Request, entity: str, name: str) -> Response:
    """Does it, and returns to the page; where the API refuses, the page says why beside the form and keeps what was typed."""
    staff = await staff_of(request)
    fields = await posted(request, staff)
    key = fields.pop("key", "")
    if not key.isascii() or not key.isalnum():
        raise out_of_date()
    shown = await ask(request, staff, support.overview(entity, staff.language))
    chosen = next((each for each in shown["actions"] if each["name"] == name), None)
    if chosen is None:
        raise not_found("No action")
    if staff.role not in chosen["roles"]:
        raise NotForRole(staff, chosen["roles"])
    try:
        answer = await answer_of(request, staff, call_of(chosen, shown, fields, f"{key}-{name}"))
    except ApiError as refused:
        attempt = Attempt(name, fields, Trouble.of(refused))
        return await show_entity(request, staff, entity, attempt=attempt, status=refused.status)
    kind = KINDS.of_id(entity)
    later = "&later=yes" if answer.status_code == HTTPStatus.ACCEPTED else ""
    path = f"/console/{kind.plural if kind else 'orders'}/{entity}"
    return RedirectResponse(f"{path}?done={name}{later}", HTTPStatus.SEE_OTHER)
