"""Repairs in bulk: started by the version of the plan that was read, followed and steered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.rendering import show, wants_part
from api.web.console.sections import APPROVERS, OPERATORS, REPAIRS
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from api.web.forms import out_of_date
from jalon.client import repairs
from jalon.client.calls import Call

routes = APIRouter(prefix=REPAIRS.path, include_in_schema=False)
SHOWN, MOST = 50, 100
LEFT_OUT: Final = "left_out"
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


@routes.get("/plans/{plan_id}")
async def see_plan(request: Request, plan_id: str) -> Response:
    """What a repair would do, with the button that starts it."""
    return await _plan(request, await staff_of(request, REPAIRS.roles), plan_id)


async def _plan(request: Request, staff: Staff, plan_id: str, sent: Sent | None = None) -> Response:
    found, listed = await asyncio.gather(
        ask(request, staff, repairs.read_plan(plan_id)),
        ask(request, staff, repairs.plan_items(plan_id, left_out=False, limit=SHOWN)),
    )
    status = sent.trouble.status if sent and sent.trouble else HTTPStatus.OK
    return show(request, staff, "plan", status=status, plan=found, steps=listed, sent=sent)


@routes.get("/plans/{plan_id}/steps")
async def list_plan_steps(request: Request, plan_id: str) -> Response:
    """All steps of a plan with what would be done to each, or those that it leaves out."""
    staff = await staff_of(request, REPAIRS.roles)
    left_out = request.query_params.get("list") == LEFT_OUT
    found, page = await asyncio.gather(
        ask(request, staff, repairs.read_plan(plan_id)),
        ask(
            request, staff, repairs.plan_items(plan_id, left_out=left_out, limit=MOST, after=_after(request))
        ),
    )
    counts = {"planned": found["count"], LEFT_OUT: found["refused_count"]}
    chosen = LEFT_OUT if left_out else "planned"
    here = f"{REPAIRS.path}/plans/{plan_id}"
    return show(
        request, staff, "steps", whose=found["name"], here=here, counts=counts, chosen=chosen, page=page
    )


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
    over = found["state"] in OVER
    shown = show(
        request,
        staff,
        "repair",
        status=sent.trouble.status if sent and sent.trouble else HTTPStatus.OK,
        block="progress" if wants_part(request) else None,
        repair=found,
        lists=LISTS,
        moves=[each for each in MAY.get(found["state"], ()) if _may_move(staff, each)],
        over=over,
        sent=sent,
    )
    if over and wants_part(request):
        # The rest of the page, its report above all, is told anew as well.
        shown.headers["HX-Refresh"] = "true"
    return shown


@routes.get("/{repair}/steps")
async def list_repair_steps(request: Request, repair: str) -> Response:
    """All steps of a repair that came to one outcome."""
    staff = await staff_of(request, REPAIRS.roles)
    asked = request.query_params.get("list", "")
    chosen = asked if asked in LISTS else LISTS[0]
    found, page = await asyncio.gather(
        ask(request, staff, repairs.read(repair)),
        ask(request, staff, repairs.items(repair, cast(Any, chosen), limit=MOST, after=_after(request))),
    )
    counts = {name: found["counts"][name] for name in LISTS}
    here = f"{REPAIRS.path}/{repair}"
    return show(
        request, staff, "steps", whose=found["name"], here=here, counts=counts, chosen=chosen, page=page
    )


def _after(request: Request) -> int | None:
    """The cursor of a page; None where the address has none that a page of ours wrote."""
    return number_in(request.query_params, "after")


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
