"""Temporal's own interface: stored histories, resets, and a workflow's own answer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import Client, WorkflowExecutionStatus

from jalon.integrations.temporal.client import TemporalServer, connect
from jalon.integrations.temporal.codec import EncryptingCodec
from jalon.settings import KeyRing
from tests.support.machines import Serving
from tests.support.shop import Entity


def codec_of(keys: str) -> EncryptingCodec:
    """The codec of a key ring in the form of the settings."""
    ring = KeyRing.parse(keys)
    return EncryptingCodec(ring.active, ring.keys)


async def client_of(machine: Serving) -> Client:
    """A client of the machine's own Temporal that decrypts the payloads of its worker."""
    given = machine.environment
    server = TemporalServer(given["JALON_TEMPORAL_ADDRESS"], given["JALON_TEMPORAL_NAMESPACE"])
    return await connect(server, codec_of(given["JALON_CODEC_KEYS"]))


def workflow_id(entity: Entity) -> str:
    """The workflow of an order or subscription."""
    return f"{entity.kind}/{entity.shop.id}/{entity.id}"


async def runs_of(client: Client, entity: Entity) -> list[tuple[str, WorkflowExecutionStatus | None]]:
    """Every run of the entity with its final status, the first run first."""
    query = f"WorkflowId = '{workflow_id(entity)}'"
    runs = [(each.start_time, each.run_id, each.status) async for each in client.list_workflows(query)]
    return [(run, status) for _, run, status in sorted(runs)]


async def raw_history(client: Client, workflow: str, run: str) -> AsyncIterator[Any]:
    """The events as the server stores them, not decoded."""
    token = b""
    while True:
        request = GetWorkflowExecutionHistoryRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=workflow, run_id=run),
            next_page_token=token,
        )
        page = await client.workflow_service.get_workflow_execution_history(request)
        for event in page.history.events:
            yield event
        token = page.next_page_token
        if not token:
            return


async def decisions_of(client: Client, workflow: str, run: str) -> list[int]:
    """The ids of the events at which a workflow task was completed: every point to which a run can be reset."""
    return [
        event.event_id
        async for event in raw_history(client, workflow, run)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


async def reset(client: Client, workflow: str, run: str, to: int) -> str:
    """Resets the run to an event; Temporal delivers later updates again. Returns the new run."""
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow, run_id=run),
        reason="a test",
        request_id=str(uuid.uuid4()),
        workflow_task_finish_event_id=to,
    )
    return (await client.workflow_service.reset_workflow_execution(request)).run_id


async def own_answer(client: Client, entity: Entity) -> dict[str, Any]:
    """The workflow's own answer about the entity."""
    handle = client.get_workflow_handle(workflow_id(entity))
    answer: dict[str, Any] = await handle.query("view", result_type=dict)
    return answer
