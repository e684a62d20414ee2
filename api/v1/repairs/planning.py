"""Makes the plan of a repair, and makes it again to see whether what it found has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.errors import Problem, refusal
from api.http.resources import ApiResources
from api.v1.repairs.answers import SHOWN, Plan, amounts, held_words, planned_item, refused_item, sums
from api.v1.repairs.bodies import PlanRepair
from jalon.domain.error_codes import ErrorCode
from jalon.domain.repairs.assessment import Assessment, assess, money_of, sums_of, version_of
from jalon.domain.repairs.names import ItemState, RepairAction
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.persistence.ids import new_id
from jalon.persistence.repairs import items, jobs, selection
from jalon.persistence.repairs.jobs import NewPlan, Options, Repair
from workflows.engine.commands import Resolve

STEPS_AT_MOST = 20_000
LASTS_SECONDS = 3600.0
REASON_AT_MOST = 1000

Steps = Sequence[tuple[str, str]]


async def plan(tx: AsyncConnection, resources: ApiResources, caller: Caller, body: PlanRepair) -> Plan:
    """Records a plan of what the body asks for. Raises Problem where it matches nothing, or too much."""
    evidence = {"note": body.evidence} if isinstance(body.evidence, str) else body.evidence
    edit = body.edit.model_dump(exclude_unset=True) if body.edit else None
    options = Options(body.canary, body.per_minute, body.stop_at_error_rate, edit, evidence)
    steps = await _selected(tx, body)
    assessed = await assessed_again(tx, steps, body.action, options)
    if not any(each.facts.store for each in assessed):
        raise _nothing(body)
    return await _keep(
        tx,
        assessed,
        NewPlan(
            id=new_id("repair"),
            stores=tuple(sorted({each.facts.store for each in assessed if each.facts.store})),
            name=body.name,
            action=body.action,
            reason=body.reason,
            cause=body.selection.cause,
            options=options,
            command=Resolve.name,
            body=_command(body, edit, evidence).as_body(),
            version=version_of(body.action, asdict(options), assessed),
            needs_second_person=_needs_second(resources, body.action, assessed),
            planned_by=caller.actor,
            lasts_seconds=LASTS_SECONDS,
        ),
    )


async def plan_again(tx: AsyncConnection, resources: ApiResources, caller: Caller, old: Repair) -> Plan:
    """Records a fresh plan of the selection of another, as its steps stand now."""
    assessed = await assessed_again(tx, await items.steps(tx, old.id), old.action, old.options)
    fresh = NewPlan(
        id=new_id("repair"),
        stores=old.stores,
        name=old.name,
        action=old.action,
        reason=old.reason,
        cause=old.cause,
        options=old.options,
        command=old.command,
        body=old.body,
        version=version_of(old.action, asdict(old.options), assessed),
        needs_second_person=_needs_second(resources, old.action, assessed),
        planned_by=caller.actor,
        lasts_seconds=LASTS_SECONDS,
    )
    return await _keep(tx, assessed, fresh)


async def version_now(tx: AsyncConnection, row: Repair) -> str:
    """The version that the plan would have now. What went on by itself since is no change to a reset."""
    assessed = await assessed_again(tx, await items.steps(tx, row.id), row.action, row.options, row.id)
    return version_of(row.action, asdict(row.options), assessed, await items.found_by_plan(tx, row.id))


async def assessed_again(
    tx: AsyncConnection, steps: Steps, action: RepairAction, options: Options, own: str = ""
) -> list[Assessment]:
    """What the action does to each step as it stands now."""
    edited = frozenset(options.edit or ())
    giving_up = action is RepairAction.COMPENSATE
    if action is RepairAction.RESET:
        facts = await selection.reset_facts_of(tx, steps, own)
    else:
        facts = await selection.facts_of(tx, steps, own, giving_up=giving_up)
    return [assess(each, action, edited) for each in facts]


async def plan_answer(tx: AsyncConnection, row: Repair) -> Plan:
    """A recorded plan, with what it says summed over all of its items."""
    assessed = await assessed_again(tx, await items.steps(tx, row.id), row.action, row.options, row.id)
    return await _answer(tx, row, assessed)


async def _selected(tx: AsyncConnection, body: PlanRepair) -> Steps:
    named = body.selection.entities
    if named is not None:
        return [(each.entity, each.step) for each in named]
    cause = body.selection.cause or ""
    find = selection.failing_of_cause if body.action is RepairAction.RESET else selection.steps_of_cause
    found = await find(tx, cause, body.selection.store, STEPS_AT_MOST + 1)
    if len(found) > STEPS_AT_MOST:
        message = f"cause: {cause} has more than {STEPS_AT_MOST} steps; plan one store at a time"
        raise _misfit(ErrorCode.REPAIR_TOO_LARGE, message, "/selection")
    return found


def _nothing(body: PlanRepair) -> Problem:
    chosen = body.selection
    if chosen.cause is not None:
        message = f"cause: no step that your key can see stands for {chosen.cause}"
        return _misfit(ErrorCode.NOTHING_TO_REPAIR, message, "/selection/cause")
    message = "entities: your key can see none of them"
    return _misfit(ErrorCode.NOTHING_TO_REPAIR, message, "/selection/entities")


def _misfit(code: ErrorCode, message: str, pointer: str) -> Problem:
    return refusal(HTTPStatus.UNPROCESSABLE_ENTITY, [Violation(code, message, pointer)])


def _command(body: PlanRepair, edit: dict[str, Any] | None, evidence: dict[str, Any] | None) -> Resolve:
    """The command of each item. Its reason names the repair, so that every audit entry leads to it."""
    reason = f"{body.name}: {body.reason}"[:REASON_AT_MOST]
    return Resolve("", str(body.action), reason, edit=edit, evidence=evidence)


def _needs_second(resources: ApiResources, action: RepairAction, assessed: Sequence[Assessment]) -> bool:
    settings = resources.settings
    limit = settings.repair_second_person_from
    if action is RepairAction.COMPENSATE:
        limit = min(limit, settings.repair_second_person_to_give_up_from)
    return sum(each.refused is None for each in assessed) >= limit


async def _keep(tx: AsyncConnection, assessed: Sequence[Assessment], new: NewPlan) -> Plan:
    row = await jobs.keep_plan(tx, new)
    await items.keep(tx, row.id, new.action, assessed, row.stores[0])
    return await _answer(tx, row, assessed)


async def _answer(tx: AsyncConnection, row: Repair, assessed: Sequence[Assessment]) -> Plan:
    refused = await items.listed(tx, row.id, SHOWN, states=[ItemState.REFUSED])
    will, done, unsure = sums_of(assessed)
    kept = [each for each in assessed if each.refused is None]
    return Plan(
        plan=row.id,
        version=row.version,
        name=row.name,
        action=row.action,
        reason=row.reason,
        cause=row.cause,
        stores=list(row.stores),
        count=len(kept),
        refused_count=len(assessed) - len(kept),
        will=sums(will),
        will_not_repeat=sums(done),
        might=sums(unsure),
        held=held_words(await selection.stops_over(tx, row.id)),
        refused=[refused_item(item) for item in refused],
        money=amounts(money_of(each.at_stake for each in kept)),
        needs_second_person=row.needs_second_person,
        canary=row.options.canary,
        per_minute=row.options.per_minute,
        stop_at_error_rate=row.options.stop_at_error_rate,
        items=[planned_item(item) for item in await items.listed(tx, row.id, SHOWN)],
        planned_by=row.planned_by,
        expires_at=row.expires_at,
    )
