"""Operations: parked steps by cause, their repair, and outages of the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Operator, OutageKeeper, ParkedReader, TheResources
from api.http.errors import not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.entities import entity_answer
from api.v1.lists import Limit, StoreQuery, no_cursor
from api.v1.operations.answers import CauseList, Outage, OutagePage, stopped_cause
from api.v1.operations.bodies import (
    CompensateStep,
    DeclareOutage,
    Edit,
    ParkStep,
    RetryStep,
    SkipStep,
    WithdrawOutage,
)
from api.v1.orders.answers import Order
from api.v1.orders.carts import language_in
from api.v1.responses import LIST, LIST_IN_STORE, WRITE, WRITE_HERE
from api.v1.subscriptions.answers import Subscription
from api.v1.writes import written
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import KINDS
from jalon.domain.transition import AuditEntry
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import Compose, IdempotentRequest
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.operations import causes, clocks, outages, worklists
from workflows.engine.commands import Command, Park, Resolve

routes = APIRouter(prefix="/v1/ops", tags=["ops"], route_class=StrictRoute)

LONGEST_OUTAGE = timedelta(days=31)


Repaired = Order | Subscription


@routes.get("/parked", responses=LIST_IN_STORE)
async def list_parked_steps(
    caller: ParkedReader, resources: TheResources, store: StoreQuery = None
) -> CauseList:
    """Steps that stopped, grouped by the fingerprint of their cause, the most frequent first.

    Steps of `stalled` causes need no repair: they continue by themselves once the cause is repaired. `since` is the store's time for
    parked steps, real time for stalled ones.
    """
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        found = await causes.stopped(tx)
    return CauseList(data=[stopped_cause(each) for each in found])


@routes.post("/entities/{entity_id}/park", responses=WRITE, response_model=Repaired)
async def park_step(
    entity_id: str, body: ParkStep, caller: Operator, idempotent: Idempotent, submitter: TheSubmitter
) -> Repaired | JSONResponse:
    """Stops a step before its next effect, until an operator resolves it."""
    return await _command(caller, idempotent, submitter, entity_id, Park(body.step, body.reason))


@routes.post("/entities/{entity_id}/retry", responses=WRITE, response_model=Repaired)
async def retry_step(
    entity_id: str,
    body: RetryStep,
    caller: Operator,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Repaired | JSONResponse:
    """Retries a parked step, with its input corrected where `edit` is given."""

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        edit = body.edit.values if body.edit else None
        if body.edit is not None and body.edit.party is not None:
            await _check_known(tx, resources, target_state.store, body.edit.party)
        if body.edit is not None and body.edit.email is not None:
            party = await _receiver(tx, resources, target_state.store or "", body.edit, body.edit.email)
            edit = body.edit.values | {"party": party}
        return Resolve(body.step, "retry", body.reason, edit=edit)

    return await _written(caller, idempotent, submitter, entity_id, compose)


async def _check_known(tx: AsyncConnection, resources: ApiResources, store: str | None, party: str) -> None:
    """Raises Problem for a person whom the store does not know: the e-mail would count as refused, and reach nobody."""
    if await resources.parties.store_of(tx, party) != store:
        message = f"party: the store knows nobody by the id {party}; name the receiver by email instead"
        violation = Violation(ErrorCode.EDIT_INVALID, message, "/edit/party")
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, [violation])


async def _receiver(tx: AsyncConnection, resources: ApiResources, store: str, edit: Edit, email: str) -> str:
    """The id of the person with the corrected address, stored under it: the command carries no personal data."""
    name, language = (
        edit.name or email.partition("@")[0],
        language_in(resources.policies[store], edit.language),
    )
    return await resources.parties.meet(tx, store, email=email, name=name, language=language)


@routes.post("/entities/{entity_id}/skip", responses=WRITE, response_model=Repaired)
async def skip_step(
    entity_id: str, body: SkipStep, caller: Operator, idempotent: Idempotent, submitter: TheSubmitter
) -> Repaired | JSONResponse:
    """Skips a parked step whose effect was done outside Jalon."""
    evidence = {"note": body.evidence} if isinstance(body.evidence, str) else body.evidence
    command = Resolve(body.step, "skip", body.reason, evidence=evidence)
    return await _command(caller, idempotent, submitter, entity_id, command)


@routes.post("/entities/{entity_id}/compensate", responses=WRITE, response_model=Repaired)
async def compensate_step(
    entity_id: str, body: CompensateStep, caller: Operator, idempotent: Idempotent, submitter: TheSubmitter
) -> Repaired | JSONResponse:
    """Compensates a parked step: undoes its effects and those of the steps before it, and ends the order or line."""
    return await _command(
        caller, idempotent, submitter, entity_id, Resolve(body.step, "compensate", body.reason)
    )


async def _command(
    caller: Caller, idempotent: IdempotentRequest, submitter: Submitter, entity_id: str, command: Command
) -> Repaired | JSONResponse:
    async def compose(_: AsyncConnection, __: TargetState) -> Command:
        return command

    return await _written(caller, idempotent, submitter, entity_id, compose)


async def _written(
    caller: Caller, idempotent: IdempotentRequest, submitter: Submitter, entity_id: str, compose: Compose
) -> Repaired | JSONResponse:
    kind = KINDS.of_id(entity_id)
    if kind is None:
        raise not_found(f"No {' or '.join(kind.name for kind in KINDS)}")
    submission = await submitter.submit(caller, idempotent, existing(kind, entity_id), compose)
    return written(submission, caller, partial(entity_answer, kind.name))


@routes.get("/outages", responses=LIST)
async def list_outages(
    caller: OutageKeeper,
    resources: TheResources,
    limit: Limit = 50,
    after: Annotated[int | None, Query(ge=1, lt=2**63, description="The `next` of the page before.")] = None,
) -> OutagePage:
    """Outages, found by heartbeats or declared, the latest first (G7)."""
    async with resources.sessions.of(*caller.stores) as tx:
        if after is not None and await outages.read_outage(tx, after) is None:
            raise no_cursor(after)
        found = await outages.list_outages(tx, limit + 1, after)
    more = len(found) > limit
    data = [Outage(**asdict(outage)) for outage in found[:limit]]
    return OutagePage(data=data, has_more=more, next=data[-1].id if more else None)


@routes.post("/outages", status_code=201, responses=WRITE_HERE)
async def declare_outage(
    body: DeclareOutage,
    caller: OutageKeeper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Outage:
    """Declares an outage of one store or of all live stores. All stores require a key for every store."""
    if body.store is None and not caller.everywhere:
        raise not_found("No store")
    store = caller.seeing(body.store)[0]
    rehearsed = body.store is not None and not resources.is_live(body.store)
    if violations := list(_not_declarable(body, rehearsed=rehearsed)):
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, violations)

    async def declare(tx: AsyncConnection) -> dict[str, Any]:
        outage = await outages.declare(
            tx,
            store=body.store,
            started_at=body.started_at,
            ended_at=body.ended_at,
            actor=caller.actor,
            reason=body.reason,
        )
        declared: dict[str, Any] = to_jsonable_python(outage)
        await _note(tx, caller, store, "declare_outage", outage, body.reason)
        return declared

    outcome, _ = await submitter.settle_here(caller, idempotent, store, "declare_outage", declare)
    return Outage(**outcome)


@routes.post("/outages/{outage_id}/withdraw", responses=WRITE_HERE)
async def withdraw_outage(
    outage_id: Annotated[int, Path(ge=1, lt=2**63)],
    body: WithdrawOutage,
    caller: OutageKeeper,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Outage:
    """Withdraws an outage that was declared by mistake. It stays on record, and no deadline that comes due from now on counts it.

    A deadline that the outage moved already keeps its later date, since the customer was told it (G7).
    """
    async with resources.sessions.of(*caller.stores) as tx:
        known = await outages.read_outage(tx, outage_id)
    if known is None or (known.store is None and not caller.everywhere):
        raise not_found("No outage")
    store = caller.seeing(known.store)[0]

    async def withdraw(tx: AsyncConnection) -> dict[str, Any]:
        outage = await outages.read_outage(tx, outage_id)
        if outage is None:
            raise not_found("No outage")
        if violations := list(_not_withdrawable(outage)):
            raise refusal(HTTPStatus.CONFLICT, violations)
        await outages.withdraw(tx, outage, caller.actor, body.reason)
        await _note(tx, caller, store, "withdraw_outage", outage, body.reason)
        withdrawn: dict[str, Any] = to_jsonable_python(await outages.read_outage(tx, outage_id))
        return withdrawn

    outcome, _ = await submitter.settle_here(caller, idempotent, store, "withdraw_outage", withdraw)
    return Outage(**outcome)


async def _note(
    tx: AsyncConnection, caller: Caller, store: str, action: str, outage: outages.Outage, reason: str
) -> None:
    """Audits that an outage was declared, or withdrawn."""
    stands = to_jsonable_python({"from": outage.started_at, "to": outage.ended_at})
    declares = action == "declare_outage"
    facts = {"before": None if declares else stands, "after": stands if declares else None}
    at = await clocks.clock_now(tx, store)
    entry = AuditEntry(at, caller.actor, caller.role, action, "G7", reason, facts)
    await worklists.record_audit(tx, store, f"outage/{outage.id}", entry)


def _not_withdrawable(outage: outages.Outage) -> Iterator[Violation]:
    """The reasons why the outage stays."""
    if outage.source != "declared":
        message = "the heartbeats of the API measured this outage; only what was declared can be withdrawn"
        yield Violation(ErrorCode.OUTAGE_MEASURED, message, "", "G7")
    if outage.withdrawn_at is not None:
        message = f"{outage.withdrawn_by} withdrew this outage already"
        yield Violation(ErrorCode.OUTAGE_WITHDRAWN, message, "", "G7")


def _not_declarable(body: DeclareOutage, *, rehearsed: bool) -> Iterator[Violation]:
    """The reasons why the outage cannot be true. A rehearsed one is of a sandbox store, whose time is its clock's."""
    if body.ended_at - body.started_at > LONGEST_OUTAGE:
        lasted = body.ended_at - body.started_at
        message = f"the outage lasts {lasted.days} days; one declaration covers {LONGEST_OUTAGE.days} at most"
        yield Violation(ErrorCode.OUTAGE_TOO_LONG, message, "/to", "G7")
    if not rehearsed and body.ended_at > datetime.now(UTC):
        yield Violation(ErrorCode.OUTAGE_TO_COME, "the outage ends after the present instant", "/to", "G7")
