"""What waits for support and compliance: customers to call, and export holds with their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.resources import resources_of
from api.web.console.calling import ask
from api.web.console.rendering import show
from api.web.console.sections import HOLDS, REVIEWERS, TASKS
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from jalon.client import operations, support
from jalon.client.calls import Call
from jalon.persistence.operations import clocks

routes = APIRouter(prefix="/console/queues", include_in_schema=False)
SHOWN = 50


async def clocks_of(request: Request, stores: Iterable[str]) -> dict[str, str]:
    """The present instant of each store: that of its test clock, else real time."""
    asked, resources = set(stores), resources_of(request)
    now = dict.fromkeys(asked, datetime.now(UTC).isoformat())
    tested = [each for each in asked if each in resources.policies and not resources.is_live(each)]
    if tested:
        async with resources.sessions.of(*tested) as tx:
            for store in tested:
                clock = await clocks.read(tx, store)
                now |= {store: clock.now.isoformat()} if clock else {}
    return now


@routes.get("/tasks")
async def list_tasks(request: Request) -> Response:
    """Customers who are owed a word, the longest waiting first."""
    staff = await staff_of(request, TASKS.roles)
    page = await ask(request, staff, support.tasks(SHOWN, request.query_params.get("after")))
    about = [each["order"] or each["subscription"] for each in page["data"]]
    now = await clocks_of(request, (each["store"] for each in about))
    return show(request, staff, "tasks", page=page, now=now)


@routes.get("/holds")
async def list_holds(request: Request) -> Response:
    """What is on export hold, the oldest first."""
    staff = await staff_of(request, HOLDS.roles)
    page = await ask(request, staff, operations.holds(limit=SHOWN, after=request.query_params.get("after")))
    now = await clocks_of(request, (each["store"] for each in page["data"]))
    return show(request, staff, "holds", page=page, now=now)


@routes.get("/holds/{held}")
async def see_hold(request: Request, held: str) -> Response:
    """The evidence of a hold, side by side. The API audits that it was read."""
    staff = await staff_of(request, HOLDS.roles)
    return await _hold(request, staff, held)


async def _hold(request: Request, staff: Staff, held: str, sent: Sent | None = None) -> Response:
    hold = await ask(request, staff, operations.hold(held))
    about = hold["subscription"] or hold["order"]
    now = await clocks_of(request, [about["store"]])
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
        now=now[about["store"]],
        sent=sent,
        decided=request.query_params.get("done", ""),
    )


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
