"""What waits for support and compliance: customers to call, and export holds with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.rendering import show
from api.web.console.search import TYPED_AT_MOST
from api.web.console.sections import HOLDS, REVIEWERS, TASKS
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from jalon.client import operations, support
from jalon.client.calls import Call
from jalon.domain.searching import MatchWay

routes = APIRouter(prefix="/console/queues", include_in_schema=False)
SHOWN, OTHERS = 50, 20


def _clocks(page: Mapping[str, Any]) -> dict[str, str]:
    """The present instant of each store of the page."""
    return {each["store"]: each["now"] for each in page["clocks"]}


@routes.get("/tasks")
async def list_tasks(request: Request) -> Response:
    """Customers who are owed a word, the longest waiting first."""
    staff = await staff_of(request, TASKS.roles)
    page = await ask(request, staff, support.tasks(SHOWN, request.query_params.get("after")))
    return show(request, staff, "tasks", page=page, now=_clocks(page))


@routes.get("/holds")
async def list_holds(request: Request) -> Response:
    """What is on export hold, the oldest first."""
    staff = await staff_of(request, HOLDS.roles)
    page = await ask(request, staff, operations.holds(limit=SHOWN, after=request.query_params.get("after")))
    return show(request, staff, "holds", page=page, now=_clocks(page))


@routes.get("/holds/{held}")
async def see_hold(request: Request, held: str) -> Response:
    """The evidence of a hold, side by side. The API audits that it was read."""
    staff = await staff_of(request, HOLDS.roles)
    return await _hold(request, staff, held)


async def _hold(request: Request, staff: Staff, held: str, sent: Sent | None = None) -> Response:
    hold = await ask(request, staff, operations.hold(held))
    about = hold["subscription"] or hold["order"]
    buyer = hold["order"].get("buyer") or {}
    same = "company" if buyer.get("company") else "email"
    asked = buyer.get(same) or ""
    holds = hold["subscription"]["holds"] if hold["subscription"] else [hold["hold"]]
    status = sent.trouble.status if sent and sent.trouble else HTTPStatus.OK
    return show(
        request,
        staff,
        "hold",
        status=status,
        held=held,
        evidence=hold,
        about=about,
        holds=holds,
        until=_until(about),
        now=hold["now"],
        asked=asked,
        others=await _others(request, staff, same, asked, hold["order"]["id"]) if asked else [],
        sent=sent,
        decided=request.query_params.get("done", ""),
    )


async def _others(request: Request, staff: Staff, field: str, asked: str, order: str) -> list[dict[str, Any]]:
    """Other orders of the company, or of the private buyer, in the stores of the session: the newest, so many at most."""
    found = await ask(request, staff, operations.search(asked[:TYPED_AT_MOST], OTHERS))
    matched = {"field": field, "how": str(MatchWay.EXACT)}
    return [each for each in found["data"] if each["matched"] == matched and each["id"] != order]


def _until(about: Mapping[str, Any]) -> str | None:
    """Until when the hold can be decided (T6)."""
    due = [each["due_at"] for each in about["agenda"] if each["what"] == "hold_max"]
    return str(min(due)) if due else None


@routes.post("/holds/{held}/decisions")
async def decide(request: Request, held: str) -> Response:
    """A reviewer's decision."""
    staff = await staff_of(request, REVIEWERS)

    def call(fields: Mapping[str, str]) -> Call[Any]:
        decision = cast(Any, fields.get("decision", ""))
        return operations.decide_hold(held, decision, fields.get("reason", ""), number_in(fields, "turn"))

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        return await _hold(request, staff, held, sent)
    result = (sent.answer.get("result") or {}) if sent.answer else {}
    done = f"{result.get('decisions') or 1}-{result.get('needed') or 1}"
    return RedirectResponse(f"{HOLDS.path}?decided={done}", HTTPStatus.SEE_OTHER)
