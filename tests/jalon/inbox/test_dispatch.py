"""Receipts go to the workflow of their kind."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from typing import Any, cast

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.dispatching import EntityClosed
from jalon.inbox.dispatch import CommandDispatcher, KindUnknown, workflow_id
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.inbox.test_receipts import record, request
from tests.support.machines import Serving
from tests.support.temporal import client_of
from workflows.lifecycles import LIFECYCLES


@workflow.defn(name="Heard")
class Heard:
    """An entity that ends with what it is told first."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @workflow.update
    async def deliver(self, messages: list[dict[str, Any]]) -> bool:
        self.heard = [each["id"] for each in messages]
        return True

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: bool(self.heard))
        return self.heard


async def test_what_a_reset_run_had_not_accepted_reaches_the_run_that_replaced_it(
    machine: Serving, sessions: Sessions, here: str, entity: str
) -> None:
    """Temporal answers NOT_FOUND for it. Taken as the end of the entity, a message of its subscription would be lost."""
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    client, of_entity = await client_of(machine), workflow_id("order", here, entity)
    dispatcher = CommandDispatcher(client, sessions, "unused", LIFECYCLES)
    await client.start_workflow("Heard", id=of_entity, task_queue="nobody-polls")
    delivery = asyncio.create_task(dispatcher.dispatch([taken], live=False, timeout=20, wait=False))
    await asyncio.sleep(0.5)
    assert not delivery.done()
    # The former run ends and the next begins in one step, as when it is reset.
    over = WorkflowIDConflictPolicy.TERMINATE_EXISTING
    run = await client.start_workflow("Heard", id=of_entity, task_queue=entity, id_conflict_policy=over)
    async with Worker(
        client, task_queue=entity, workflows=[Heard], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        await delivery
        assert await run.result() == [taken.id]
    late = await record(sessions, request(here, entity))
    assert late is not None
    with pytest.raises(EntityClosed):
        await dispatcher.dispatch([late], live=False, timeout=5)


async def test_a_receipt_of_a_kind_that_this_process_does_not_know_is_named(
    sessions: Sessions, here: str, entity: str
) -> None:
    """The relay logs it and leaves the receipt open, for a process of the release that knows the kind."""
    taken = await record(sessions, request(here, entity))
    assert taken is not None
    dispatcher = CommandDispatcher(cast(Any, None), sessions, "queue", {})
    with pytest.raises(KindUnknown, match="no lifecycle of kind order"):
        await dispatcher.dispatch([taken], live=False, timeout=1)


async def test_an_order_that_cannot_be_begun_leaves_nothing_in_the_log(
    machine: Serving, sessions: Sessions, here: str, entity: str
) -> None:
    """The client keeps the failure for whoever asks for the workflow, and asyncio logs what nobody took."""
    taken = await record(sessions, replace(request(here, entity), command="open_cart"))
    assert taken is not None
    client = await Client.connect(machine.environment["JALON_TEMPORAL_ADDRESS"], namespace="nowhere")
    dispatcher = CommandDispatcher(client, sessions, "nobody-polls", LIFECYCLES)
    logged: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    failed = False
    try:
        await dispatcher.dispatch([taken], live=False, timeout=5)
    except EntityClosed:
        failed = True
    assert failed
    gc.collect()
    assert logged == []
