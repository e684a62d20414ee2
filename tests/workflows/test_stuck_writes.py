"""A local activity that hangs or fails continues as a normal activity, also on replay, and is listed while it is blocked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from activities.contracts.base import ActivityRef
from activities.stalls import StallWatch
from jalon.domain.kinds import ORDER
from jalon.persistence.ids import new_id
from jalon.persistence.operations import stalled
from jalon.persistence.operations.stalled import Stalled
from jalon.persistence.sessions import Sessions
from tests.support.machines import Serving
from workflows.engine.effects import local
from workflows.engine.options import DATABASE_QUEUE_SUFFIX


@dataclass(frozen=True)
class Write:
    """The fault of a local attempt, and how the write was done in the end."""

    how: str


WRITE: ActivityRef[Write, Write] = ActivityRef("stuck_write", Write, Write)


@activity.defn(name=WRITE.name)
async def stuck_write(asked: Write) -> Write:
    if not activity.info().is_local:
        return Write("on the database queue")
    if asked.how == "hangs":
        await asyncio.sleep(60)
    raise ConnectionError


@workflow.defn(name="StuckWrite")
class StuckWriteWorkflow:
    @workflow.run
    async def run(self, how: str) -> str:
        return (await local(WRITE, Write(how))).how


@pytest.mark.parametrize("how", ["hangs", "fails"])
async def test_a_stuck_local_write_goes_on_elsewhere_and_replays(
    plain_client: Client, queue: str, how: str
) -> None:
    runner = UnsandboxedWorkflowRunner()
    main = Worker(
        plain_client,
        task_queue=queue,
        workflows=[StuckWriteWorkflow],
        activities=[stuck_write],
        workflow_runner=runner,
    )
    database = Worker(plain_client, task_queue=queue + DATABASE_QUEUE_SUFFIX, activities=[stuck_write])
    async with main, database:
        handle = await plain_client.start_workflow(
            "StuckWrite", how, id=queue, task_queue=queue, result_type=str
        )
        assert await asyncio.wait_for(handle.result(), 20) == "on the database queue"
    history = await handle.fetch_history()
    replayer = Replayer(workflows=[StuckWriteWorkflow], workflow_runner=runner)
    await replayer.replay_workflow(history)


class Broken:
    """Fails for another reason than the database, until it is repaired."""

    def __init__(self) -> None:
        self.mended = False

    @activity.defn(name=WRITE.name)
    async def write(self, asked: Write) -> Write:
        if not self.mended:
            raise KeyError(asked.how)
        return Write("mended")


async def test_what_a_fault_of_ours_stops_is_seen_until_it_goes_on(
    plain_client: Client, queue: str, machine: Serving
) -> None:
    sessions, broken, entity = (
        Sessions.connect(machine.environment["JALON_DATABASE_URL"]),
        Broken(),
        new_id(ORDER),
    )

    async def seen() -> list[Stalled]:
        async with sessions.of("fastening") as tx:
            return await stalled.of_entity(tx, entity)

    main = Worker(
        plain_client,
        task_queue=queue,
        workflows=[StuckWriteWorkflow],
        activities=[broken.write],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    database = Worker(
        plain_client,
        task_queue=queue + DATABASE_QUEUE_SUFFIX,
        activities=[broken.write],
        interceptors=[StallWatch(sessions)],
    )
    async with main, database:
        handle = await plain_client.start_workflow(
            "StuckWrite", "fastening", id=f"order/fastening/{entity}", task_queue=queue, result_type=str
        )
        for _ in range(200):
            if noted := await seen():
                break
            await asyncio.sleep(0.1)
        async with sessions.of("other") as tx:
            assert await stalled.of_entity(tx, entity) == []
        broken.mended = True
        assert await asyncio.wait_for(handle.result(), 20) == "mended"
    assert [(each.step, each.cause) for each in noted] == [("stuck_write", "KeyError")]
    assert await seen() == []
    await sessions.close()
