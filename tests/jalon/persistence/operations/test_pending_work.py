"""Pending work is counted in the stores of the transaction, with the age of the oldest."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from jalon.domain.kinds import ORDER
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.operations import pending_work, stalled
from jalon.persistence.operations.pending_work import PendingWork
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

_RECEIPT = text(
    """insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal, idempotency_key,
                            fingerprint, received_at, accepted_at, state, delivered)
       values (:id, :store, 'order', 'ord_1', 'cancel', '{}', 'ana', :role, 'key_1', :id, '', now(),
               clock_timestamp() - make_interval(secs => :age), :state, :delivered)"""
)


async def receive(
    sessions: Sessions, store: str, *, age: float, role: str = "support", state: str, delivered: bool
) -> None:
    row = {"id": new_id("receipt"), "store": store, "role": role, "age": age}
    async with sessions.of(store) as tx:
        await tx.execute(_RECEIPT, row | {"state": state, "delivered": delivered})


async def seen(sessions: Sessions, *stores: str) -> PendingWork:
    async with sessions.of(*stores) as tx:
        return await pending_work.read(tx, 5.0)


async def test_where_nothing_waits_it_tells_zeros(sessions: Sessions, here: str) -> None:
    assert await seen(sessions, here) == PendingWork({}, {}, 0, 0.0, 0, 0.0)


async def test_what_is_pending_and_what_is_the_relays_to_deliver(sessions: Sessions, here: str) -> None:
    await receive(sessions, here, age=900, state="applied", delivered=True)
    await receive(sessions, here, age=300, state="applied", delivered=False)
    await receive(sessions, here, age=60, state="pending", delivered=False)
    await receive(sessions, here, age=1, state="pending", delivered=False)
    await receive(sessions, here, age=1, state="pending", delivered=False, role="entity")
    told = await seen(sessions, here)
    assert (told.pending, told.undelivered) == (3, 3)
    assert told.pending_seconds == pytest.approx(60, abs=5)
    assert told.undelivered_seconds == pytest.approx(300, abs=5)


async def test_parked_and_stalled_steps_are_counted_by_store(sessions: Sessions, here: str) -> None:
    there = f"{here}-2"
    for store, steps in ((here, 2), (here, 1), (there, 4)):
        entity = new_id(ORDER)
        parked: list[dict[str, Any]] = [{"step": f"mail/{n}"} for n in range(steps)]
        view = {"id": entity, "status": "cart", "number": None, "parked": parked}
        async with sessions.of(store) as tx:
            await transitions.record(tx, transition(store, entity, 1, view=view))
    async with sessions.of(here) as tx:
        await stalled.note(tx, here, new_id(ORDER), "draw_up_contract", "KeyError")
    told = await seen(sessions, here, there)
    assert (told.parked, told.stalled) == ({here: 3, there: 4}, {here: 1})
    assert (await seen(sessions, there)).stalled == {}


async def test_work_that_is_too_much_to_count_is_cut_off(
    sessions: Sessions, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_work, "COUNTED_AT_MOST", 2)
    for age in (30, 20, 10):
        await receive(sessions, here, age=age, state="pending", delivered=False)
    told = await seen(sessions, here)
    assert told.pending == 2
    assert told.pending_seconds == pytest.approx(30, abs=5)


async def test_what_has_waited_too_long_may_be_unable_to_go_on(sessions: Sessions, here: str) -> None:
    await receive(sessions, here, age=5, state="pending", delivered=False)
    await receive(sessions, here, age=15, state="applied", delivered=False)
    idle, busy, overdue = (new_id(ORDER) for _ in range(3))
    for entity, working, due in ((idle, False, None), (busy, True, None), (overdue, False, AT)):
        step = transition(here, entity, 1, busy=working, next_due_at=due)
        async with sessions.of(here) as tx:
            await transitions.record(tx, step)
    async with sessions.of(here) as tx:
        assert {each.id for each in await stalled.late(tx, [here])} == {overdue}
    async with sessions.of(here) as tx:
        assert {each.id for each in await stalled.late(tx, [here], rest_seconds=0)} == {overdue, busy}
    await receive(sessions, here, age=15, state="pending", delivered=False)
    async with sessions.of(here) as tx:
        late = {each.id: each.kind for each in await stalled.late(tx, [here], rest_seconds=0)}
    assert late == dict.fromkeys((overdue, busy, "ord_1"), "order")


async def test_a_failing_task_is_of_one_store_and_forgotten_once_it_goes_on(
    sessions: Sessions, here: str
) -> None:
    entity = new_id(ORDER)
    async with sessions.of(here) as tx:
        await stalled.note(tx, here, entity, stalled.WORKFLOW_TASK, "a cause")
        await stalled.note(tx, here, new_id(ORDER), "draw_up_contract", "KeyError")
        assert await stalled.failing_workflow_tasks(tx, here) == [entity]
        assert await stalled.failing_workflow_tasks(tx, f"{here}-2") == []
        # Of thousands that fail, each is seen again after minutes.
        ago = text(
            "update stalled set seen_at = clock_timestamp() - make_interval(mins => :n) where entity_id = :e"
        )
        await tx.execute(ago, {"n": 6, "e": entity})
        assert await stalled.failing_workflow_tasks(tx, here) == []
        await tx.execute(ago, {"n": 4, "e": entity})
        assert await stalled.failing_workflow_tasks(tx, here) == [entity]
        await transitions.record(tx, transition(here, entity, 1))
        assert await stalled.failing_workflow_tasks(tx, here) == []
