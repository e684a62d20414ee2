"""Repairs in bulk: planned, started by the version of the plan, and followed until every entity is settled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.convertors import StringConvertor, register_url_convertor

from api.http.dependencies import Operator, ParkedReader, RepairApprover, TheResources
from api.http.errors import Problem, not_found
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import AfterId, Limit, no_cursor
from api.v1.repairs import moves
from api.v1.repairs.answers import (
    SHOWN,
    Plan,
    Repair,
    RepairPage,
    held_words,
    repair_answer,
)
from api.v1.repairs.bodies import MoveRepair, PlanRepair, StartRepair
from api.v1.repairs.lists import known_repair, started_repair
from api.v1.repairs.planning import plan, plan_again, plan_answer, version_now
from api.v1.responses import LIST, READ, WRITE_HERE
from jalon.domain.error_codes import ErrorCode
from jalon.domain.repairs.names import OUTCOMES, RepairState
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import IdempotentRequest
from jalon.persistence.repairs import items, jobs, selection
from jalon.persistence.repairs.jobs import Repair as RepairRow

routes = APIRouter(prefix="/v1/ops/repairs", tags=["ops"], route_class=StrictRoute)


class _IdOfRepair(StringConvertor):
    """Anything but `plan`, which is an address of its own and takes no GET."""

    regex = "(?!plan$)[^/]+"


register_url_convertor("repair", _IdOfRepair())


@dataclass(frozen=True, slots=True)
class Moving:
    """What each move of a repair is made with, whoever makes it."""

    body: MoveRepair
    resources: ApiResources
    idempotent: IdempotentRequest
    submitter: Submitter


def _moving(
    body: MoveRepair, resources: TheResources, idempotent: Idempotent, submitter: TheSubmitter
) -> Moving:
    return Moving(body, resources, idempotent, submitter)


TheMove = Annotated[Moving, Depends(_moving)]


class PlanChanged(Exception):
    """What the plan found has changed since it was read."""


@routes.post("/plan", status_code=201, responses=WRITE_HERE)
async def plan_repair(
    body: PlanRepair,
    caller: Operator,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Plan:
    """Says what a repair would do, to each step and in sum, and does nothing.

    The selection is frozen. A plan lasts an hour, and is started by its `version` (POST /v1/ops/repairs).
    """
    store = _home(caller) if body.selection.store is None else caller.seeing(body.selection.store)[0]

    async def make(tx: AsyncConnection) -> dict[str, Any]:
        made = await plan(tx, resources, caller, body)
        await moves.note_plan(tx, caller, await known_repair(tx, made.plan))
        return made.model_dump(mode="json")

    outcome, _ = await submitter.settle_here(caller, idempotent, store, "plan_repair", make)
    return Plan.model_validate_json(json.dumps(outcome))


@routes.get("/plans/{plan_id}", responses=READ)
async def read_repair_plan(plan_id: str, caller: ParkedReader, resources: TheResources) -> Plan:
    """A plan that was made, with its version. Its sums are as the steps stand now."""
    async with resources.sessions.of(*caller.stores) as tx:
        return await plan_answer(tx, await known_repair(tx, plan_id))


@routes.post("", status_code=201, responses=WRITE_HERE)
async def start_repair(
    body: StartRepair,
    caller: Operator,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Repair:
    """Starts a plan by the version that was read. A large one, or one that gives up, waits for a second person.

    Where what the plan found has changed, nothing is started: the problem is `plan_changed`, and its `plan` names a fresh one to read.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        old = await known_repair(tx, body.plan)

    async def start(tx: AsyncConnection) -> dict[str, Any]:
        row = await known_repair(tx, body.plan, lock=True)
        _check_startable(row)
        if body.version != row.version or await version_now(tx, row) != row.version:
            raise PlanChanged
        await moves.start(tx, caller, row)
        return await _answer(tx, row.id)

    try:
        outcome, _ = await submitter.settle_here(caller, idempotent, old.stores[0], "start_repair", start)
    except PlanChanged:
        async with resources.sessions.of(*caller.stores) as tx:
            fresh = await plan_again(tx, resources, caller, old)
        raise _plan_changed(fresh) from None
    return await _engaged(resources, outcome)


@routes.get("", responses=LIST)
async def list_repairs(
    caller: ParkedReader, resources: TheResources, limit: Limit = 50, after: AfterId = None
) -> RepairPage:
    """Repairs that were started, the latest first, without their lists."""
    async with resources.sessions.of(*caller.stores) as tx:
        if after is not None and await jobs.read(tx, after) is None:
            raise no_cursor(after)
        found = await jobs.started(tx, limit + 1, after)
        data = [repair_answer(row, await items.counts(tx, row.id), {}) for row in found[:limit]]
    more = len(found) > limit
    return RepairPage(data=data, has_more=more, next=data[-1].id if more else None)


@routes.get("/{repair_id:repair}", responses=READ)
async def read_repair(repair_id: str, caller: ParkedReader, resources: TheResources) -> Repair:
    """A repair as it stands: its counts, the first hundred of each outcome, and the text of its report."""
    async with resources.sessions.of(*caller.stores) as tx:
        row = await started_repair(tx, repair_id)
        return Repair.model_validate_json(json.dumps(await _answer(tx, row.id)))


@routes.post("/{repair_id}/approve", responses=WRITE_HERE)
async def approve_repair(repair_id: str, caller: RepairApprover, moving: TheMove) -> Repair:
    """Approves a repair as its second person. Only then does it begin."""
    return await _moved(caller, moving, repair_id, moves.Move.APPROVE)


@routes.post("/{repair_id}/pause", responses=WRITE_HERE)
async def pause_repair(repair_id: str, caller: Operator, moving: TheMove) -> Repair:
    """Pauses a repair: no further step gets its command. Those that have it go on."""
    return await _moved(caller, moving, repair_id, moves.Move.PAUSE)


@routes.post("/{repair_id}/resume", responses=WRITE_HERE)
async def resume_repair(repair_id: str, caller: Operator, moving: TheMove) -> Repair:
    """Resumes a repair that somebody paused, or that stopped by itself. What did not heal before counts no more toward its error rate."""
    return await _moved(caller, moving, repair_id, moves.Move.RESUME)


@routes.post("/{repair_id}/abort", responses=WRITE_HERE)
async def abort_repair(repair_id: str, caller: Operator, moving: TheMove) -> Repair:
    """Ends a repair for good. Steps that have their command go on, and are still counted."""
    return await _moved(caller, moving, repair_id, moves.Move.ABORT)


async def _moved(caller: Caller, moving: Moving, repair: str, move: moves.Move) -> Repair:
    async with moving.resources.sessions.of(*caller.stores) as tx:
        known = await started_repair(tx, repair)

    async def make(tx: AsyncConnection) -> dict[str, Any]:
        row = await known_repair(tx, known.id, lock=True)
        await moves.make(tx, caller, row, move, moving.body.reason)
        return await _answer(tx, row.id)

    command = f"{move}_repair"
    outcome, _ = await moving.submitter.settle_here(caller, moving.idempotent, known.stores[0], command, make)
    return await _engaged(moving.resources, outcome)


async def _engaged(resources: ApiResources, outcome: dict[str, Any]) -> Repair:
    """The repair, once its workflow heard of it. Where Temporal cannot be reached, the relay tells it later."""
    repair = Repair.model_validate_json(json.dumps(outcome))
    await moves.engage(resources, repair.id, repair.name, repair.stores)
    return repair


async def _answer(tx: AsyncConnection, repair: str) -> dict[str, Any]:
    row = await known_repair(tx, repair)
    lists = {outcome: await items.listed(tx, repair, SHOWN, states=[outcome]) for outcome in OUTCOMES}
    shown = repair_answer(
        row,
        await items.counts(tx, repair),
        lists,
        await items.causes_found(tx, repair),
        await items.refusals(tx, repair),
        held_words(await selection.stops_over(tx, repair)),
    )
    return shown.model_dump(mode="json")


def _check_startable(row: RepairRow) -> None:
    if row.state is not RepairState.PLANNED:
        raise Problem(
            HTTPStatus.CONFLICT, ErrorCode.PLAN_STARTED, f"{row.started_by} started this plan already."
        )
    if row.expired:
        detail = f"The plan could be started until {row.expires_at.isoformat()}; plan the repair again."
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.PLAN_EXPIRED, detail)


def _plan_changed(fresh: Plan) -> Problem:
    detail = (
        f"What the plan found has changed. Read the fresh plan {fresh.plan}, and start it by its version."
    )
    location = {"Location": f"/v1/ops/repairs/plans/{fresh.plan}"}
    return Problem(HTTPStatus.CONFLICT, ErrorCode.PLAN_CHANGED, detail, headers=location, plan=fresh.plan)


def _home(caller: Caller) -> str:
    """The store in which the write is recorded. Raises Problem where none of the key's stores is served here."""
    if not caller.stores:
        raise not_found("No store")
    return caller.stores[0]
