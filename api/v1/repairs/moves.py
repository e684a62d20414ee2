"""What people do to a repair: start, approve, pause, resume and abort it. Each is audited in every store of the repair."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from activities.dispatching import EngineUnreachable
from api.http.errors import Problem, not_found
from api.http.resources import ApiResources
from jalon.domain.compliance.reviewers import DecidingKey, two_people
from jalon.domain.error_codes import ErrorCode
from jalon.domain.repairs.names import SENDING, RepairState
from jalon.domain.transition import AuditEntry
from jalon.inbox.caller import Caller
from jalon.persistence.operations import clocks, keys, worklists
from jalon.persistence.repairs import jobs
from jalon.persistence.repairs.jobs import Repair


class Move(StrEnum):
    """What a person does to a repair after its start."""

    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"


_S = RepairState
POSSIBLE_IN = {
    Move.APPROVE: frozenset({_S.AWAITING_APPROVAL}),
    Move.PAUSE: SENDING,
    Move.RESUME: frozenset({_S.PAUSED, _S.STOPPED}),
    Move.ABORT: frozenset({_S.AWAITING_APPROVAL, _S.PAUSED, _S.STOPPED, *SENDING}),
}


async def note_plan(tx: AsyncConnection, caller: Caller, row: Repair) -> None:
    """Audits that a plan was made, which does nothing yet."""
    await _audit(tx, caller, row, "plan_repair", row.reason, _S.PLANNED, {"version": row.version})


async def start(tx: AsyncConnection, caller: Caller, row: Repair) -> None:
    """Makes the plan a repair. The caller holds the row."""
    key = await _key_of(tx, caller)
    state = _S.AWAITING_APPROVAL if row.needs_second_person else _S.CANARY
    await jobs.start(tx, row.id, state, caller.actor, caller.role, asdict(key))
    await _audit(tx, caller, row, "start_repair", row.reason, state, {"version": row.version})


async def make(tx: AsyncConnection, caller: Caller, row: Repair, move: Move, reason: str) -> None:
    """Carries a move out. Raises Problem where the repair does not stand so, or where a second person is needed."""
    if row.state not in POSSIBLE_IN[move]:
        detail = f"This repair is {row.state}, so that nobody can {move} it."
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.REPAIR_NOT_OPEN, detail)
    match move:
        case Move.APPROVE:
            await _check_second(tx, caller, row)
            await jobs.approve(tx, row.id, caller.actor)
        case Move.RESUME:
            await jobs.resume(tx, row.id)
        case Move.PAUSE | Move.ABORT:
            state = _S.PAUSED if move is Move.PAUSE else _S.ABORTED
            await jobs.move(tx, row.id, state, f"{caller.actor}: {reason}")
    after = await jobs.read(tx, row.id)
    await _audit(tx, caller, row, f"{move}_repair", reason, after.state if after else row.state, {})


async def engage(resources: ApiResources, repair: str, name: str, stores: Sequence[str]) -> None:
    """Tells the workflow of a repair how it stands, unless it waits for a second person. The relay repeats what fails here."""
    async with resources.sessions.of(*stores) as tx:
        row = await jobs.read(tx, repair)
    if row is None or row.state is _S.AWAITING_APPROVAL:
        return
    with suppress(EngineUnreachable):
        await resources.dispatcher.engage_repair(repair, name, stores)
        async with resources.sessions.of(*stores) as tx:
            await jobs.note_engaged(tx, repair)


async def _check_second(tx: AsyncConnection, caller: Caller, row: Repair) -> None:
    """Raises Problem where the caller's key and that of whoever started the repair may be one person's."""
    if not two_people(await _key_of(tx, caller), DecidingKey(**row.started_key or {})):
        detail = (
            f"{row.started_by} started this repair, and your key does not show a second person. Accept your key "
            "(`jalon keys accept`), and let a person approve who issued neither key."
        )
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.SECOND_PERSON_NEEDED, detail)


async def _key_of(tx: AsyncConnection, caller: Caller) -> DecidingKey:
    key = await keys.read(tx, caller.key or "")
    if key is None:
        raise not_found("No key")
    return DecidingKey(key.person, key.issued_by, caller.accepted and key.accepted_at is not None)


async def _audit(
    tx: AsyncConnection,
    caller: Caller,
    row: Repair,
    action: str,
    reason: str,
    after: RepairState,
    facts: dict[str, Any],
) -> None:
    told = facts | {
        "name": row.name,
        "action": str(row.action),
        "before": {"state": str(row.state)} if action != "plan_repair" else None,
        "after": {"state": str(after)},
    }
    for store in row.stores:
        # Each store has its own chain, so that whoever sees one store can verify it.
        about = f"repair/{row.id}" if len(row.stores) == 1 else f"repair/{row.id}/{store}"
        at = await clocks.clock_now(tx, store)
        entry = AuditEntry(at, caller.actor, caller.role, action, None, reason, told)
        await worklists.record_audit(tx, store, about, entry)
