"""Repairs in bulk: planned, started by the version that was read, followed and steered."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.causes import show_cause
from api.web.console.rendering import show, wants_part
from api.web.console.sections import APPROVERS, OPERATORS, REPAIRS
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from api.web.forms import out_of_date
from jalon.client import repairs
from jalon.client.calls import Call

routes = APIRouter(prefix=REPAIRS.path, include_in_schema=False)
SHOWN = 50
PERCENT = 100
LISTS: Final = ("parked_again", "parked_other", "refused", "healed")
OVER: Final = frozenset({"done", "aborted"})
MOVES: Final = {
    "approve": repairs.approve,
    "pause": repairs.pause,
    "resume": repairs.resume,
    "abort": repairs.abort,
}
MAY: Final[Mapping[str, tuple[str, ...]]] = {
    "awaiting_approval": ("approve", "abort"),
    "canary": ("pause", "abort"),
    "running": ("pause", "abort"),
    "paused": ("resume", "abort"),
    "stopped": ("resume", "abort"),
}
"""The moves that each state of a repair takes."""


@routes.get("")
async def list_repairs(request: Request) -> Response:
    """The repairs, the latest first."""
    staff = await staff_of(request, REPAIRS.roles)
    page = await ask(request, staff, repairs.listed(limit=SHOWN, after=request.query_params.get("after")))
    return show(request, staff, "repairs", page=page)


@routes.post("/plan/{fingerprint}")
async def plan(request: Request, fingerprint: str) -> Response:
    """Plans a repair of a whole cause, and shows the plan. Nothing is done yet."""
    staff = await staff_of(request, OPERATORS)

    def call(fields: Mapping[str, str]) -> Call[Any]:
        given = {name: fields.get(name, "").strip() for name in ("name", "reason", "evidence")}
        rate = number_in(fields, "stop_at")
        return repairs.plan(
            given["name"],
            cast(Any, fields.get("action", "")),
            given["reason"],
            cause=fingerprint,
            evidence=given["evidence"] or None,
            canary=number_in(fields, "canary"),
            per_minute=number_in(fields, "per_minute"),
            stop_at_error_rate=None if rate is None else rate / PERCENT,
        )

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        return await show_cause(request, staff, fingerprint, sent, "plan")
    return RedirectResponse(f"{REPAIRS.path}/plans/{sent.answer['plan']}", HTTPStatus.SEE_OTHER)


@routes.get("/plans/{plan_id}")
async def see_plan(request: Request, plan_id: str) -> Response:
    """What a repair would do, with the button that starts it."""
    return await _plan(request, await staff_of(request, REPAIRS.roles), plan_id)


async def _plan(request: Request, staff: Staff, plan_id: str, sent: Sent | None = None) -> Response:
    found = await ask(request, staff, repairs.read_plan(plan_id))
    status = sent.trouble.status if sent and sent.trouble else HTTPStatus.OK
    return show(request, staff, "plan", status=status, plan=found, sent=sent)


@routes.post("/plans/{plan_id}/start")
async def start(request: Request, plan_id: str) -> Response:
    """Starts the plan by the version that the page showed. Where steps changed meanwhile, the page shows the plan as it is now."""
    staff = await staff_of(request, OPERATORS)
    sent = await send(request, staff, lambda fields: repairs.start(plan_id, fields.get("version", "")))
    if sent.trouble is not None:
        return await _plan(request, staff, plan_id, sent)
    return RedirectResponse(f"{REPAIRS.path}/{sent.answer['id']}", HTTPStatus.SEE_OTHER)


@routes.get("/{repair}")
async def see_repair(request: Request, repair: str) -> Response:
    """A repair as it stands. With scripts the page asks again every two seconds until it is over."""
    return await _repair(request, await staff_of(request, REPAIRS.roles), repair)


async def _repair(request: Request, staff: Staff, repair: str, sent: Sent | None = None) -> Response:
    found = await ask(request, staff, repairs.read(repair))
    return show(
        request,
        staff,
        "repair",
        status=sent.trouble.status if sent and sent.trouble else HTTPStatus.OK,
        block="progress" if wants_part(request) else None,
        repair=found,
        lists=LISTS,
        moves=[each for each in MAY.get(found["state"], ()) if _may_move(staff, each)],
        over=found["state"] in OVER,
        sent=sent,
    )


def _may_move(staff: Staff, move: str) -> bool:
    return staff.role == "ops" or (staff.role == "admin" and move == "approve")


@routes.post("/{repair}/moves")
async def move(request: Request, repair: str) -> Response:
    """Approves, pauses, resumes or ends a repair, by the button that was pressed."""
    staff = await staff_of(request, APPROVERS)

    def call(fields: Mapping[str, str]) -> Call[Any]:
        made = MOVES.get(fields.get("move", ""))
        if made is None:
            raise out_of_date()
        return made(repair, fields.get("reason", ""))

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        return await _repair(request, staff, repair, sent)
    return RedirectResponse(f"{REPAIRS.path}/{repair}", HTTPStatus.SEE_OTHER)
