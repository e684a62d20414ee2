"""A local write that hangs or fails goes on as a normal activity, and does so again when its history is replayed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from activities.contracts import ActivityRef
from local.temporal import binary
from workflows.effects import Effects
from workflows.options import DATABASE_QUEUE_SUFFIX
from workflows.state import EntityState

QUEUE = "stuck-writes"


@dataclass(frozen=True)
class Written:
    """How a local attempt goes wrong, and how the write came about."""

    how: str


WRITE: ActivityRef[Written, Written] = ActivityRef("stuck_write", Written, Written)


@activity.defn(name=WRITE.name)
async def stuck_write(asked: Written) -> Written:
    if not activity.info().is_local:
        return Written("on the database queue")
    if asked.how == "hangs":
        await asyncio.sleep(60)
    raise ConnectionError


@workflow.defn(name="StuckWrite")
class StuckWriteWorkflow(Effects[EntityState]):
    @workflow.run
    async def run(self, how: str) -> str:
        return (await self.local(WRITE, Written(how))).how


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=str(binary())) as environment:
        yield environment.client


@pytest.mark.parametrize("how", ["hangs", "fails"])
async def test_a_stuck_local_write_goes_on_elsewhere_and_replays(client: Client, how: str) -> None:
    runner = UnsandboxedWorkflowRunner()
    main = Worker(
        client,
        task_queue=QUEUE,
        workflows=[StuckWriteWorkflow],
        activities=[stuck_write],
        workflow_runner=runner,
    )
    database = Worker(client, task_queue=QUEUE + DATABASE_QUEUE_SUFFIX, activities=[stuck_write])
    async with main, database:
        handle = await client.start_workflow("StuckWrite", how, id=how, task_queue=QUEUE, result_type=str)
        assert await asyncio.wait_for(handle.result(), 20) == "on the database queue"
    history = await handle.fetch_history()
    replayer = Replayer(workflows=[StuckWriteWorkflow], workflow_runner=runner)
    await replayer.replay_workflow(history)
