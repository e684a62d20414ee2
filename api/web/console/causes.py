"""What is stuck, by cause, and contacts that receive nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.rendering import show
from api.web.console.sections import CAUSES, OPERATORS, UNDELIVERABLE
from api.web.console.sending import Sent, number_in, send
from api.web.console.staff import Staff, staff_of
from jalon.client import operations
from jalon.client.calls import Call
from jalon.domain.stuck import StuckKind

routes = APIRouter(prefix="/console/queues", include_in_schema=False)
SHOWN = 50
STATES = ("open", "ignored", "all")


@routes.get("/causes")
async def list_causes(request: Request) -> Response:
    """What is stuck, by cause, the most frequent first."""
    staff = await staff_of(request, CAUSES.roles)
    asked = request.query_params
    state = asked.get("state", "open") if asked.get("state") in STATES else "open"
    page = await ask(
        request,
        staff,
        operations.causes(state=state, limit=SHOWN, after=asked.get("after"), lang=staff.language),  # type: ignore[arg-type]
    )
    return show(request, staff, "causes", page=page, state=state, states=STATES, now=_now())


@routes.get("/undeliverable")
async def list_undeliverable(request: Request) -> Response:
    """Whom our e-mails do not reach, by what their mail server said."""
    staff = await staff_of(request, UNDELIVERABLE.roles)
    after = request.query_params.get("after")
    wanted = operations.causes(
        state="all", kinds=(StuckKind.UNDELIVERABLE,), limit=SHOWN, after=after, lang=staff.language
    )
    return show(request, staff, "undeliverable", page=await ask(request, staff, wanted), now=_now())


@routes.get("/causes/{fingerprint}")
async def see_cause(request: Request, fingerprint: str) -> Response:
    """One cause: its history, what is stuck for it, and what can be done to all of it."""
    return await show_cause(request, await staff_of(request, CAUSES.roles), fingerprint)


async def show_cause(
    request: Request, staff: Staff, fingerprint: str, sent: Sent | None = None, form: str = ""
) -> Response:
    """The page of a cause; after a form that was refused, with what was typed."""
    after = request.query_params.get("after")
    cause = await ask(request, staff, operations.cause(fingerprint, lang=staff.language))
    page = await ask(request, staff, operations.cause_entities(fingerprint, limit=SHOWN, after=after))
    return show(
        request,
        staff,
        "cause",
        status=sent.trouble.status if sent and sent.trouble else HTTPStatus.OK,
        cause=cause,
        page=page,
        inputs=await editable_of(request, staff, page["data"]) if staff.role in OPERATORS else {},
        sent=sent,
        form=form,
        now=_now(),
    )


async def editable_of(request: Request, staff: Staff, stuck: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The inputs that a retry may correct, as they stand at the first that is stuck. The plan leaves out a step that has no such input."""
    if not stuck or stuck[0]["kind"] is None:
        return {}
    first = cast(Mapping[str, Any], await ask(request, staff, operations.read(stuck[0]["id"])))
    parked = (each for each in first["parked"] if each["step"] == stuck[0]["step"])
    return next((dict(each["editable"]) for each in parked), {})


@routes.post("/causes/{fingerprint}/note")
async def note(request: Request, fingerprint: str) -> Response:
    """Changes the note and the owner. An empty field takes what was there away."""

    def changes(fields: Mapping[str, str]) -> dict[str, Any]:
        return {name: fields.get(name, "").strip() or None for name in ("note", "owner")}

    return await _change(request, fingerprint, "note", changes)


@routes.post("/causes/{fingerprint}/ignore")
async def ignore(request: Request, fingerprint: str) -> Response:
    """Ignores the cause until a day or so many more, or minds it again."""

    def changes(fields: Mapping[str, str]) -> dict[str, Any]:
        if fields.get("mind"):
            return {"ignore": None}
        day, more = fields.get("until", "").strip(), number_in(fields, "more")
        until = {"until": f"{day}T00:00:00Z"} if day else {}
        return {"ignore": {"reason": fields.get("reason", ""), **until, **({"more": more} if more else {})}}

    return await _change(request, fingerprint, "ignore", changes)


async def _change(request: Request, fingerprint: str, form: str, changes: Any) -> Response:
    staff = await staff_of(request, OPERATORS)

    def call(fields: Mapping[str, str]) -> Call[Any]:
        return operations.change_cause(fingerprint, changes(fields))

    sent = await send(request, staff, call)
    if sent.trouble is not None:
        return await show_cause(request, staff, fingerprint, sent, form)
    return RedirectResponse(f"{CAUSES.path}/{fingerprint}", HTTPStatus.SEE_OTHER)


def _now() -> str:
    return datetime.now(UTC).isoformat()
