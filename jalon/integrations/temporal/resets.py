"""Resets of workflow runs: the events to which a run can go back, and the request that takes it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from jalon.integrations.temporal.workflow_tasks import ANSWER_WITHIN, FAILING_FROM_ATTEMPT

RESETS_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class RunState:
    """A workflow's present run. `attempt` is that of its pending workflow task, 0 where none waits."""

    run: str
    attempt: int
    open: bool

    @property
    def fails(self) -> bool:
        """Whether its workflow task fails again and again."""
        return self.attempt >= FAILING_FROM_ATTEMPT


async def run_state(client: Client, workflow_id: str) -> RunState:
    """How the present run of a workflow stands. Raises RPCError."""
    described = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=ANSWER_WITHIN)
    raw = described.raw_description
    is_open = raw.workflow_execution_info.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
    return RunState(described.run_id, raw.pending_workflow_task.attempt, is_open)


async def point_before_fault(
    client: Client, workflow_id: str, run: str, workflows: Sequence[type]
) -> int | None:
    """The event to which the run can be reset, so that everything before it replays on the present code; None where there is none.

    It is the end of the first workflow task whose results the code cannot follow or, where it follows all, of the task that fails.
    """
    history = await client.get_workflow_handle(workflow_id, run_id=run).fetch_history(
        rpc_timeout=RESETS_WITHIN
    )
    events = list(history.events)
    ends = _at(events, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
    failed = _at(events, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    replayer = Replayer(
        workflows=workflows,
        data_converter=client.data_converter,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    followed = await _followed(replayer, workflow_id, events, ends)
    if followed < len(ends):
        return events[ends[followed]].event_id
    later = [place for place in failed if not ends or place > ends[-1]]
    return events[later[0]].event_id if later and ends else None


async def _followed(
    replayer: Replayer, workflow_id: str, events: Sequence[HistoryEvent], ends: Sequence[int]
) -> int:
    """How many of the completed workflow tasks the code follows: all of them, as good code does, or found by halving."""

    async def follows(tasks: int) -> bool:
        until = ends[tasks] if tasks < len(ends) else _settled(events, ends[-1])
        part = WorkflowHistory(workflow_id, list(events[:until]))
        replayed = await replayer.replay_workflow(part, raise_on_replay_failure=False)
        return replayed.replay_failure is None

    if not ends or await follows(len(ends)):
        return len(ends)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if await follows(middle) else (low, middle - 1)
    return low


def _settled(events: Sequence[HistoryEvent], last_end: int) -> int:
    """Where the next workflow task, which fails, begins: its commands are none yet."""
    scheduled = (
        place
        for place in range(last_end + 1, len(events))
        if events[place].event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    )
    return next(scheduled, len(events))


def _at(events: Sequence[HistoryEvent], kind: EventType.ValueType) -> list[int]:
    return [place for place, event in enumerate(events) if event.event_type == kind]


async def reset(client: Client, workflow_id: str, run: str, to: int, request_id: str, reason: str) -> str:
    """Resets the run to an event, and delivers later signals and updates again. Returns the new run. Raises RPCError."""
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run),
        reason=reason,
        request_id=request_id,
        workflow_task_finish_event_id=to,
        reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
    )
    answer = await client.workflow_service.reset_workflow_execution(request, timeout=RESETS_WITHIN)
    return str(answer.run_id)
