"""A deadline of an order or a subscription moved to a later day, by support or operations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Extender, TheResources
from api.http.errors import not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.entities import entity_answer
from api.v1.orders.answers import Order
from api.v1.responses import WRITE
from api.v1.subscriptions.answers import Subscription
from api.v1.support.bodies import Extend
from api.v1.writes import written
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import KINDS
from jalon.domain.violations import Violation
from jalon.persistence.inbox.targets import TargetState
from workflows.engine.commands import Command, ExtendDeadline

routes = APIRouter(prefix="/v1/ops/entities", tags=["ops"], route_class=StrictRoute)


@routes.post("/{entity_id}/extend", responses=WRITE, response_model=Order | Subscription)
async def extend_deadline(
    entity_id: str,
    body: Extend,
    caller: Extender,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Order | Subscription | JSONResponse:
    """Moves a deadline that protects the vendor to a later day, and tells the customer the new date where they knew the former.

    `until` is the last open day in the store's zone; `by` adds days to the present one. The audit keeps both dates and the reason.
    """
    kind = KINDS.of_id(entity_id)
    if kind is None:
        raise not_found("No order or subscription")

    async def compose(_: AsyncConnection, target_state: TargetState) -> Command:
        zone = ZoneInfo(resources.policies[target_state.store or ""].store.zone)
        until = _closes_at(body, target_state.view or {}, zone)
        return ExtendDeadline(body.what, until, body.reason, body.subject)

    submission = await submitter.submit(caller, idempotent, existing(kind, entity_id), compose)
    return written(submission, caller, lambda *shown: entity_answer(kind.name, *shown))


def _closes_at(body: Extend, view: dict[str, Any], zone: ZoneInfo) -> datetime:
    """The first closed instant that is asked for. Raises Problem where days are to be added to nothing."""
    if body.day is not None:
        return after_day(body.day, zone)
    present = [
        datetime.fromisoformat(each["due_at"])
        for each in view.get("agenda", ())
        if each["what"] == body.what and body.subject in (None, each.get("subject"))
    ]
    if not present:
        message = f"No deadline {body.what} is open here."
        violation = Violation(ErrorCode.NOT_EXTENDABLE, message, "/what")
        raise refusal(HTTPStatus.CONFLICT, [violation])
    return later(present[0], body.days, zone)


def after_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a day of the zone, in UTC (G1)."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)


def later(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same wall time so many calendar days later, in UTC."""
    local = instant.astimezone(zone)
    moved = datetime.combine(local.date() + timedelta(days=days), local.time(), zone)
    return moved.astimezone(UTC)
