"""Commands of a workflow as values, and how they are read from the SDK's protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_commands import (
    ScheduleActivity,
    ScheduleLocalActivity,
    UpdateResponse,
    WorkflowCommand,
)
from temporalio.common import RetryPolicy


class TaskFailed(Exception):
    """A workflow task failed: a bug in the workflow, which Temporal retries for ever."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Schedules an activity; `queue` is empty for a local one. Times are in microseconds."""

    seq: int
    activity: str
    argument: Payload
    local: bool
    queue: str
    attempt_us: int
    total_us: int
    retry: RetryPolicy


@dataclass(frozen=True, slots=True)
class CancelActivity:
    """Cancels an activity."""

    seq: int


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Starts a timer that fires after `us` microseconds."""

    seq: int
    us: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Cancels a timer."""

    seq: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """Accepts an update."""

    update_id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Completes an update with its result."""

    update_id: str
    result: Payload


@dataclass(frozen=True, slots=True)
class Ended:
    """Completes the workflow."""

    result: Payload


@dataclass(frozen=True, slots=True)
class ContinuedAsNew:
    """Continues the run as new."""

    argument: Payload


Command: TypeAlias = (
    Schedule | CancelActivity | StartTimer | CancelTimer | Accepted | Answered | Ended | ContinuedAsNew
)


def command_of(written: WorkflowCommand) -> Command:
    """The command as a value. Raises TaskFailed for a command that no entity of the product uses."""
    kind = str(written.WhichOneof("variant"))
    read = _READ.get(kind)
    if read is None:
        raise _unheard_of(kind)
    return read(written)


def _unheard_of(kind: str) -> TaskFailed:
    return TaskFailed(f"a command that no entity of the product gives: {kind}")


def _us(span: Duration) -> int:
    return int(span.ToMicroseconds())


def _schedule(wanted: ScheduleActivity | ScheduleLocalActivity) -> Schedule:
    local = isinstance(wanted, ScheduleLocalActivity)
    return Schedule(
        wanted.seq,
        wanted.activity_type,
        wanted.arguments[0],
        local,
        "" if isinstance(wanted, ScheduleLocalActivity) else wanted.task_queue,
        _us(wanted.start_to_close_timeout),
        _us(wanted.schedule_to_close_timeout),
        RetryPolicy.from_proto(wanted.retry_policy),
    )


def _response(said: UpdateResponse) -> Accepted | Answered:
    if said.HasField("accepted"):
        return Accepted(said.protocol_instance_id)
    if said.HasField("completed"):
        return Answered(said.protocol_instance_id, said.completed)
    raise _unheard_of("update_response")


_READ: Mapping[str, Callable[[WorkflowCommand], Command]] = {
    "schedule_activity": lambda written: _schedule(written.schedule_activity),
    "schedule_local_activity": lambda written: _schedule(written.schedule_local_activity),
    "request_cancel_activity": lambda written: CancelActivity(written.request_cancel_activity.seq),
    "start_timer": lambda written: StartTimer(
        written.start_timer.seq, _us(written.start_timer.start_to_fire_timeout)
    ),
    "cancel_timer": lambda written: CancelTimer(written.cancel_timer.seq),
    "update_response": lambda written: _response(written.update_response),
    "complete_workflow_execution": lambda written: Ended(written.complete_workflow_execution.result),
    "continue_as_new_workflow_execution": lambda written: ContinuedAsNew(
        written.continue_as_new_workflow_execution.arguments[0]
    ),
}
"""The function that reads a command of each kind."""
