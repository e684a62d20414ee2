"""Workflow tasks that fail again and again, as Temporal reports them."""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import WorkflowTaskFailedEventAttributes
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

ANSWER_WITHIN = timedelta(seconds=5)
FAILING_FROM_ATTEMPT = 3
"""The attempt from which a workflow task counts as failing; a worker's death costs one."""
_PAGE = 20


async def failing_task(client: Client, workflow_id: str) -> str | None:
    """Why the workflow's task fails again and again: a code of Temporal and an error's class; None where none fails.

    The error's text is left out, since it may hold anything. Raises RPCError.
    """
    described = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=ANSWER_WITHIN)
    if described.raw_description.pending_workflow_task.attempt < FAILING_FROM_ATTEMPT:
        return None
    failed = await _last_failed(client, WorkflowExecution(workflow_id=workflow_id, run_id=described.run_id))
    return "workflow task fails" if failed is None else await _cause(client, failed)


async def _last_failed(
    client: Client, execution: WorkflowExecution
) -> WorkflowTaskFailedEventAttributes | None:
    asked = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace, execution=execution, maximum_page_size=_PAGE
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(
        asked, timeout=ANSWER_WITHIN
    )
    failed = (
        event.workflow_task_failed_event_attributes
        for event in answer.history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    )
    return next(failed, None)


async def _cause(client: Client, failed: WorkflowTaskFailedEventAttributes) -> str:
    code = WorkflowTaskFailedCause.Name(failed.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").casefold()
    fault = await client.data_converter.decode_failure(failed.failure)
    kind = fault.type if isinstance(fault, ApplicationError) else None
    return f"{code}:{kind}" if kind else code
