"""Test clocks: years of a sandbox store in seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Progress
from api.http.dependencies import ClockMover, Reader, TheResources
from api.http.errors import SAME_KEY, Problem, refusal
from api.http.json_bodies import StrictRoute
from api.http.rendering import in_zone
from api.http.resources import ApiResources
from api.http.writing import Idempotent, TheSubmitter
from api.v1.catalog.routes import shown
from api.v1.clocks.answers import Clock
from api.v1.operations.bodies import Advance
from api.v1.responses import READ, WRITE_HERE, Responses, also, problems
from jalon.domain.calendar.calendars import LATEST, Calendar
from jalon.domain.calendar.deadlines import reminder_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.error_codes import ErrorCode
from jalon.domain.transition import AuditEntry
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.submission import subject
from jalon.persistence.entities import outbox
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import latest
from jalon.persistence.operations import causes, clocks, worklists
from jalon.persistence.operations.clocks import TestClock

routes = APIRouter(prefix="/v1/test-clocks", tags=["test clocks"], route_class=StrictRoute)

COMMAND = "advance_clock"
WAIT_SECONDS = 29.0
EVENTS_AT_MOST = 1000
LONGEST_ADVANCE = Duration.parse("P10Y")
"""One request moves a clock by ten years at most, since nothing calls an advance off."""


ADVANCING: Responses = {
    202: also("The clock still advances; this is how far it has come.", Clock, location=True)
}


@routes.get("/{store}", responses=READ | problems(409) | ADVANCING)
async def read_test_clock(store: str, caller: Reader, resources: TheResources, response: Response) -> Clock:
    """The instant that the clock shows, with the events of its last advance; 202 while it advances."""
    _sandbox(resources, caller, store)
    return await _answer(resources, caller, store, response)


@routes.post("/{store}/advance", responses=WRITE_HERE | ADVANCING)
async def advance_test_clock(
    store: str,
    body: Advance,
    caller: ClockMover,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    response: Response,
) -> Clock:
    """Moves the clock and delivers everything that comes due on the way. Answers when settled, or 202 with progress."""
    _sandbox(resources, caller, store)

    async def begin(tx: AsyncConnection) -> dict[str, Any]:
        clock = await clocks.read(tx, store, lock="update")
        if clock is None:
            raise LookupError(f"the sandbox store {store} has no clock")
        if clock.advance_to is not None:
            raise _advancing(clock, clock.advance_to)
        to = _target(resources, clock, body)
        since = await outbox.last(tx, store)
        await clocks.begin_advance(tx, store, new_id("receipt"), to)
        if caller.role == "admin":
            facts = {"before": {"now": clock.now.isoformat()}, "after": {"now": to.isoformat()}}
            entry = AuditEntry(clock.now, caller.actor, caller.role, COMMAND, None, None, facts)
            await worklists.record_audit(tx, store, f"clock/{store}", entry)
        return {"to": to.isoformat(), "events_after": since}

    outcome, _ = await submitter.settle_here(caller, idempotent, store, COMMAND, begin)
    left = max(WAIT_SECONDS - idempotent.context.spent, 1.0)
    await resources.dispatcher.advance(store, datetime.fromisoformat(outcome["to"]), timeout=left)
    return await _answer(resources, caller, store, response)


def _sandbox(resources: ApiResources, caller: Caller, store: str) -> None:
    caller.seeing(store)
    if resources.is_live(store):
        detail = f"{store} lives by real time; only a sandbox store's clock can be moved."
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.LIVE_STORE, detail)


def _target(resources: ApiResources, clock: TestClock, body: Advance) -> datetime:
    if body.to is not None:
        to, pointer = body.to, "/to"
    else:
        to, pointer = _later_by(resources, clock, _duration(body.by or "")), "/by"
    if to < clock.now:
        message = (
            f"a test clock never goes back: it shows {clock.now.isoformat()}, later than {to.isoformat()}"
        )
        raise refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, [Violation(ErrorCode.CLOCK_BACKWARDS, message, pointer)]
        )
    farthest = min(_later_by(resources, clock, LONGEST_ADVANCE), LATEST - timedelta(microseconds=1))
    if to > farthest:
        message = f"one advance reaches {farthest.isoformat()} at most; advance in several requests"
        raise refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, [Violation(ErrorCode.ADVANCE_TOO_LONG, message, pointer)]
        )
    return to


def _duration(by: str) -> Duration:
    try:
        return Duration.parse(by)
    except ValueError as error:
        violation = Violation(ErrorCode.DURATION_INVALID, f"by: {error}", "/by")
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, [violation]) from None


def _later_by(resources: ApiResources, clock: TestClock, by: Duration) -> datetime:
    """The instant after a duration. Hours are elapsed time; days and months keep the store's local time of day."""
    calendar = Calendar(resources.policies[clock.store].store.zone)
    return reminder_at(clock.now, by, calendar, calendar.local_time(clock.now))


def _advancing(clock: TestClock, to: datetime) -> Problem:
    return Problem(
        HTTPStatus.CONFLICT,
        ErrorCode.CLOCK_ADVANCING,
        f"The test clock of {clock.store} is advancing to {to.isoformat()} already; wait for it. {SAME_KEY}",
        retry_after=1,
        progress=Progress(now=clock.now, to=to, delivered=clock.delivered),
    )


async def _answer(resources: ApiResources, caller: Caller, store: str, response: Response) -> Clock:
    zone = resources.policies[store].store.zone
    async with resources.sessions.of(store) as tx:
        clock = await clocks.read(tx, store)
        if clock is None:
            raise LookupError(f"the sandbox store {store} has no clock")
        begun = await latest(tx, store, subject(COMMAND, store))
        after = begun["events_after"] if begun else 2**62
        happened = await outbox.since(tx, [store], after, EVENTS_AT_MOST, settled=clock.advance_to is None)
        stopped = await causes.stopped(tx)
    if clock.advance_to is not None:
        response.status_code = HTTPStatus.ACCEPTED
        response.headers.update({"Location": f"/v1/test-clocks/{store}", "Retry-After": "1"})
    return Clock(
        store=store,
        now=in_zone(clock.now, zone),
        advancing_to=in_zone(clock.advance_to, zone) if clock.advance_to else None,
        delivered=clock.delivered,
        unsettled=list(clock.unsettled),
        parked=sorted({entity.id for cause in stopped for entity in cause.entities}),
        events=shown(happened, caller),
    )
