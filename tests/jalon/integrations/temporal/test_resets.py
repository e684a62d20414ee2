"""A run whose workflow task fails is reset to the point before the fault, and hears again what it was told since."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateStage
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.dispatching import ResetPoint, ResetRefused
from jalon.inbox.resetting import EntityResetter
from jalon.integrations.temporal import resets
from jalon.integrations.temporal.resets import RunState
from jalon.local.machine import Machine
from jalon.local.ports import free_ports

QUEUE = "resets"
noted: list[str] = []


@activity.defn(name="note")
async def note(who: str) -> None:
    """An effect."""
    noted.append(who)


class Counting:
    """What the versions of one lifecycle share: it counts what it is told."""

    def __init__(self) -> None:
        self.total = 0

    @workflow.update
    async def add(self, number: int) -> int:
        self.total += number
        return self.total

    async def begin(self) -> None:
        await workflow.wait_condition(lambda: self.total >= 1)

    async def go_on(self) -> int:
        who = workflow.info().workflow_id
        await workflow.execute_activity("note", who, start_to_close_timeout=timedelta(seconds=5))
        await workflow.wait_condition(lambda: self.total >= 3)
        return self.total


@workflow.defn(name="Counted")
class Good(Counting):
    @workflow.run
    async def run(self) -> int:
        await self.begin()
        return await self.go_on()


@workflow.defn(name="Counted")
class Raising(Counting):
    @workflow.run
    async def run(self) -> int:
        await self.begin()
        raise RuntimeError("deployed")


@workflow.defn(name="Counted")
class Other(Counting):
    """Takes another course after it has begun."""

    @workflow.run
    async def run(self) -> int:
        await self.begin()
        await workflow.sleep(3600)
        return await self.go_on()


@workflow.defn(name="Counted")
class RaisingAtOnce(Counting):
    @workflow.run
    async def run(self) -> int:
        raise RuntimeError("deployed")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("engine")
    with Machine(folder, folder, ports=free_ports(), programs=("temporal",)) as machine:
        yield machine


@pytest.fixture
async def client(engine: Machine) -> Client:
    given = engine.environment
    return await Client.connect(given["JALON_TEMPORAL_ADDRESS"], namespace=given["JALON_TEMPORAL_NAMESPACE"])


@asynccontextmanager
async def served_by(client: Client, release: type) -> AsyncIterator[None]:
    """A worker of a release, without sticky runs."""
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[release],
        activities=[note],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=0,
    ):
        yield


async def until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(600):
        if await look():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(what)


async def told(client: Client, entity: str, number: int) -> None:
    """Tells the run a number that it cannot take. What no history holds is told again, as receipts are."""
    handle = client.get_workflow_handle(f"order/shop/{entity}")
    asked = handle.start_update("add", number, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
    with pytest.raises((TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError)):
        await asyncio.wait_for(asked, 1)


async def failing(resetter: EntityResetter, entity: str) -> ResetPoint:
    found: list[ResetPoint] = []

    async def look() -> bool:
        point = await resetter.point("order", "shop", entity)
        found.extend([point] if point else [])
        return bool(found)

    await until(look, "the workflow task fails")
    return found[0]


async def heals(resetter: EntityResetter, entity: str) -> None:
    async def look() -> bool:
        return (await resetter.task_state("order", "shop", entity)).done

    await until(look, "the workflow task is done")


@pytest.mark.parametrize("release", [Raising, Other])
async def test_a_run_goes_on_from_before_the_fault_and_its_effect_happens_once(
    client: Client, release: type
) -> None:
    entity, resetter = f"ord_{release.__name__}", EntityResetter(client, [Good])
    workflow_id = f"order/shop/{entity}"
    await client.start_workflow("Counted", id=workflow_id, task_queue=QUEUE)
    handle = client.get_workflow_handle(workflow_id)
    async with served_by(client, Good):
        assert await handle.execute_update("add", 0) == 0
    async with served_by(client, release):
        if release is Raising:
            await told(client, entity, 1)
            point = await failing(resetter, entity)
        else:
            assert await handle.execute_update("add", 1) == 1
    if release is Other:
        async with served_by(client, Good):
            await told(client, entity, 1)
            point = await failing(resetter, entity)
    async with served_by(client, Good):
        first, again = [
            await resetter.reset("order", "shop", entity, point, "rep_1/1", "because") for _ in range(2)
        ]
        assert first == again != point.run
        await heals(resetter, entity)
        if release is Raising:
            assert await handle.execute_update("add", 1) == 1
        assert await handle.execute_update("add", 2) == 3, "what the history held is told again"
        assert await client.get_workflow_handle(workflow_id).result() == 3
    assert noted.count(workflow_id) == 1
    assert (await resetter.task_state("order", "shop", entity)).done
    assert await resetter.point("order", "shop", entity) is None


async def test_a_run_that_goes_on_while_its_history_is_read_has_nothing_to_reset(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity, look, looks = "ord_went_on", resets.run_state, []
    await client.start_workflow("Counted", id=f"order/shop/{entity}", task_queue=QUEUE)

    async def fails_at_first(asked: Client, workflow_id: str) -> RunState:
        looks.append(await look(asked, workflow_id))
        return replace(looks[-1], attempt=3) if len(looks) == 1 else looks[-1]

    async with served_by(client, Good):
        await client.get_workflow_handle(f"order/shop/{entity}").execute_update("add", 0)
        monkeypatch.setattr(resets, "run_state", fails_at_first)
        assert await EntityResetter(client, [Good]).point("order", "shop", entity) is None
    assert [each.fails for each in looks] == [False, False]


async def test_what_still_fails_is_told_by_its_cause_and_what_never_began_has_no_point(
    client: Client,
) -> None:
    resetter = EntityResetter(client, [Good])
    await client.start_workflow("Counted", id="order/shop/ord_1", task_queue=QUEUE)
    async with served_by(client, RaisingAtOnce):

        async def refused() -> bool:
            try:
                return await resetter.point("order", "shop", "ord_1") is not None
            except ResetRefused as refusal:
                return refusal.code == "no_reset_point"

        await until(refused, "there is no point to go back to")
        state = await resetter.task_state("order", "shop", "ord_1")
        assert (state.done, state.cause) == (False, "workflow_worker_unhandled_failure:RuntimeError")
    with pytest.raises(ResetRefused) as unknown:
        await resetter.point("order", "shop", "ord_unknown")
    assert unknown.value.code == "entity_closed"
