"""Repairs as they are planned: of a whole cause, of what is ticked in its list, or of what is ticked in the lists of several causes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.causes import SHOWN, editable_of, show_cause
from api.web.console.rendering import show
from api.web.console.sections import OPERATORS, REPAIRS
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from jalon.client import operations, repairs
from jalon.client.calls import Call
from jalon.client.errors import ApiError

routes = APIRouter(prefix="/console/queues", include_in_schema=False)
PICK: Final = "pick "
"""How the name of a tick begins. The entity and the step follow."""
FIELDS_AT_MOST: Final = 540
"""The 500 ticks that the API takes at once, and the other fields of the form."""
CAUSES_AT_MOST: Final = 10
PERCENT: Final = 100
FINGERPRINT: Final = re.compile(r"[0-9a-f]{12}")


@routes.post("/repairs/plan/{fingerprint}")
async def plan_cause(request: Request, fingerprint: str) -> Response:
    """Plans a repair of what is ticked in a cause's list, of the whole cause where nothing is. Nothing is done yet."""
    staff = await staff_of(request, OPERATORS)
    sent = await send(request, staff, lambda fields: _call(fields, fingerprint), FIELDS_AT_MOST)
    if sent.trouble is not None:
        return await show_cause(request, staff, fingerprint, sent, "plan")
    return RedirectResponse(f"{REPAIRS.path}/plans/{sent.answer['plan']}", HTTPStatus.SEE_OTHER)


@routes.get("/selection")
async def choose(request: Request) -> Response:
    """What is stuck for several causes, to tick what is repaired together."""
    staff = await staff_of(request, OPERATORS)
    return await _choice(request, staff, request.query_params.getlist("cause"))


@routes.post("/selection")
async def plan_choice(request: Request) -> Response:
    """Plans a repair of what is ticked. Nothing is done yet."""
    staff = await staff_of(request, OPERATORS)
    sent = await send(request, staff, _call, FIELDS_AT_MOST)
    if sent.trouble is not None:
        return await _choice(request, staff, sent.typed.get("causes", "").split(), sent)
    return RedirectResponse(f"{REPAIRS.path}/plans/{sent.answer['plan']}", HTTPStatus.SEE_OTHER)


async def _choice(request: Request, staff: Staff, named: list[str], sent: Sent | None = None) -> Response:
    prints = [each for each in dict.fromkeys(named) if FINGERPRINT.fullmatch(each)][:CAUSES_AT_MOST]
    read = await asyncio.gather(*(_stuck(request, staff, each) for each in prints))
    found = [each for each in read if each is not None]
    inputs = await asyncio.gather(*(editable_of(request, staff, page["data"]) for _, page in found))
    return show(
        request,
        staff,
        "selection",
        status=sent.trouble.status if sent and sent.trouble else HTTPStatus.OK,
        found=found,
        inputs={name: value for each in inputs for name, value in each.items()},
        sent=sent,
        now=datetime.now(UTC).isoformat(),
    )


async def _stuck(request: Request, staff: Staff, fingerprint: str) -> tuple[Any, Any] | None:
    """The cause and the first page of what is stuck for it; None where there is no such cause."""
    try:
        cause = await ask(request, staff, operations.cause(fingerprint, lang=staff.language))
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return cause, await ask(request, staff, operations.cause_entities(fingerprint, limit=SHOWN))


def _call(fields: Mapping[str, str], cause: str | None = None) -> Call[Any]:
    """The call for a plan. What is ticked comes before the whole cause."""
    ticked = [each.removeprefix(PICK).partition(" ") for each in fields if each.startswith(PICK)]
    steps = [(entity, step) for entity, _, step in ticked]
    given = {name: fields.get(name, "").strip() for name in ("name", "reason", "evidence")}
    rate = number_in(fields, "stop_at")
    return repairs.plan(
        given["name"],
        cast(Any, fields.get("action", "")),
        given["reason"],
        cause=cause if not steps else None,
        steps=steps if steps or cause is None else None,
        edit=_edit(fields) or None,
        evidence=given["evidence"] or None,
        canary=number_in(fields, "canary"),
        per_minute=number_in(fields, "per_minute"),
        stop_at_error_rate=None if rate is None else rate / PERCENT,
    )


def _edit(fields: Mapping[str, str]) -> dict[str, Any]:
    """The corrected inputs. The facts of an e-mail are typed as JSON; the API names what it cannot read."""
    edit: dict[str, Any] = {
        name: fields[f"edit.{name}"].strip()
        for name in ("method", "party", "fields")
        if fields.get(f"edit.{name}", "").strip()
    }
    if "fields" in edit:
        with suppress(ValueError):
            edit["fields"] = json.loads(edit["fields"])
    return edit
