"""What the tables say of a repair: its selection, its counts, and the outcome of each step."""

from __future__ import annotations

from typing import Any

from jalon.domain.events import StepParked, StepSettled
from jalon.domain.kinds import ORDER
from jalon.domain.parking import fingerprint
from jalon.domain.repairs.assessment import assess
from jalon.domain.repairs.names import ItemState, RepairAction
from jalon.domain.transition import TimelineEntry
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.operations import stalled
from jalon.persistence.repairs import items, jobs, selection
from jalon.persistence.repairs.jobs import NewPlan, Options
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

CAUSE, OTHER = "ProviderUnreachable", "ProviderTimeout"
RETRY, RESET = RepairAction.RETRY, RepairAction.RESET


def parked(cause: str | None) -> list[dict[str, Any]]:
    if cause is None:
        return []
    mark = fingerprint("payment", cause)
    told = {"step": "payment", "cause": cause, "fingerprint": mark, "since": AT.isoformat(), "reason": None}
    return [told | {"real_since": AT.isoformat(), "editable": {"method": "card_ok"}}]


async def lives_on(
    sessions: Sessions, store: str, entity: str, seq: int, cause: str | None, *events: TimelineEntry
) -> None:
    view = {"id": entity, "status": "submitted", "number": None, "parked": parked(cause)}
    async with sessions.of(store) as tx:
        await transitions.record(tx, transition(store, entity, seq, "submitted", view=view, timeline=events))


async def keep_plan(
    sessions: Sessions, store: str, steps: list[tuple[str, str]], action: RepairAction = RETRY
) -> str:
    async with sessions.of(store) as tx:
        facts = (
            await selection.reset_facts_of(tx, steps)
            if action is RESET
            else await selection.facts_of(tx, steps)
        )
        assessed = [assess(each, action, frozenset()) for each in facts]
        options = Options(canary=3, per_minute=None, stop_at_error_rate=0.5)
        plan = NewPlan(
            new_id("repair"), (store,), "INC-1", action, "because", None, options, "resolve", {}, "v", False, "Ana", 60.0
        )  # fmt: skip
        await jobs.keep_plan(tx, plan)
        await items.keep(tx, plan.id, action, assessed, store)
    return plan.id


def settled() -> TimelineEntry:
    return TimelineEntry(AT, StepSettled.name, data={"step": "payment"})


def stopped(cause: str) -> TimelineEntry:
    data = {"step": "payment", "cause": cause, "fingerprint": fingerprint("payment", cause)}
    return TimelineEntry(AT, StepParked.name, data=data)


async def test_an_outcome_is_what_became_of_the_step_and_not_of_the_command(
    sessions: Sessions, here: str
) -> None:
    came_to = {
        "healed": (None, (settled(),)),
        "parked_again": (CAUSE, (stopped(CAUSE),)),
        "parked_other": (OTHER, (stopped(OTHER),)),
        "sent": (None, ()),
    }
    orders = {new_id(ORDER): outcome for outcome in came_to}
    for order in orders:
        await lives_on(sessions, here, order, 1, CAUSE, stopped(CAUSE))
    async with sessions.of(here) as tx:
        steps = await selection.steps_of_cause(tx, fingerprint("payment", CAUSE), None, 10)
    assert {each for each, _ in steps} == set(orders)
    repair = await keep_plan(sessions, here, [*steps, ("ord_unknown", "payment")])
    async with sessions.of(here) as tx:
        progress = await jobs.progress(tx, repair)
        assert (progress.unsent, progress.canary_unsent, progress.failed) == (4, 3, 0)
        for item in await items.to_send(tx, repair, 10):
            assert not item.changed
            await items.mark_sent(tx, repair, item.n, None)
    for order, outcome in orders.items():
        cause, events = came_to[outcome]
        await lives_on(sessions, here, order, 2, cause, *events)
    async with sessions.of(here) as tx:
        assert await items.observe(tx, repair, RETRY) == 3
        assert await items.observe(tx, repair, RETRY) == 0
        found = {each.entity: str(each.state) for each in await items.listed(tx, repair, 10)}
        assert found == orders | {"ord_unknown": "refused"}
        assert await items.causes_found(tx, repair) == [("payment", OTHER, 1), ("payment", CAUSE, 1)]
        assert (await items.counts(tx, repair))[ItemState.REFUSED] == 1
        progress = await jobs.progress(tx, repair)
        assert (progress.healed, progress.failed, progress.pending) == (1, 2, 1)


async def test_a_step_that_stopped_for_another_cause_since_the_plan_is_not_sent(
    sessions: Sessions, here: str, entity: str
) -> None:
    await lives_on(sessions, here, entity, 1, CAUSE)
    repair = await keep_plan(sessions, here, [(entity, "payment")])
    await lives_on(sessions, here, entity, 2, OTHER)
    async with sessions.of(here) as tx:
        (item,) = await items.to_send(tx, repair, 10)
    assert item.changed


async def test_only_a_failing_workflow_task_is_reset(sessions: Sessions, here: str, entity: str) -> None:
    well = new_id(ORDER)
    for order in (entity, well):
        await lives_on(sessions, here, order, 1, None)
    async with sessions.of(here) as tx:
        await stalled.note(tx, here, entity, stalled.WORKFLOW_TASK, "a fault")
        cause = fingerprint(stalled.WORKFLOW_TASK, "a fault")
        assert await selection.failing_of_cause(tx, cause, here, 10) == [(entity, "workflow_task")]
        facts = await selection.reset_facts_of(
            tx, [(each, "workflow_task") for each in (entity, well, "ord_x")]
        )
    assert [str(each.refused.code) if each.refused else None for each in (assess(fact, RESET, frozenset()) for fact in facts)] == [
        None, "not_failing", "not_found",
    ]  # fmt: skip
    repair = await keep_plan(sessions, here, [(entity, "workflow_task")], RESET)
    async with sessions.of(here) as tx:
        await items.intend_reset(tx, repair, 1, {"run": "run", "event": 7})
        (item,) = await items.to_send(tx, repair, 10)
        assert (item.changed, item.point) == (False, {"run": "run", "event": 7})
        await items.mark_sent(tx, repair, 1, None)
        (waiting,) = await items.reset_so_far(tx, repair)
        await items.settle(tx, repair, waiting.n, ItemState.PARKED_AGAIN, "a fault")
        (settled_item,) = await items.listed(tx, repair, 10)
    assert (settled_item.found_step, settled_item.found_cause) == ("workflow_task", "a fault")
