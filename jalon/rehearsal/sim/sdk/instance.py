"""One instance of a run in a worker's cache: its activations and its completions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.common import Priority, TypedSearchAttributes
from temporalio.converter import DefaultFailureConverter
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker._workflow_instance import WorkflowInstanceDetails, _WorkflowLogicFlag
from temporalio.workflow import Info, _Definition

from jalon.rehearsal.sim.sdk.commands import Command, TaskFailed, command_of
from jalon.rehearsal.sim.sdk.jobs import Job
from jalon.rehearsal.sim.sdk.payloads import CONVERTER

SINGLE_BATCH = int(_WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH)
"""The SDK's flag for processing all jobs of an activation together."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_RUNNER = UnsandboxedWorkflowRunner()


@dataclass(frozen=True, slots=True)
class Activation:
    """The input of one activation. Times are in nanoseconds since 1970; `events` is the length of the history."""

    at_ns: int
    jobs: Sequence[Job]
    replaying: bool
    events: int
    long: bool
    flags: frozenset[int]


@dataclass(frozen=True, slots=True)
class Completion:
    """The completion of an activation: the commands, their exact bytes, and the SDK flags used for the first time."""

    commands: tuple[Command, ...]
    written: bytes
    flags: frozenset[int]
    answer: Payload | None


class _LoopStandIn:
    """Stands in for a running loop while an instance is made. The SDK sets attributes on it and calls none of its methods."""


_STAND_IN = cast(asyncio.AbstractEventLoop, _LoopStandIn())


@contextmanager
def _running(loop: asyncio.AbstractEventLoop | None) -> Iterator[None]:
    """Makes this loop the running one within the block, and restores the former one afterwards, whatever the SDK has set."""
    former = asyncio._get_running_loop()  # noqa: SLF001 (a worker has instances in a thread without a loop of its own)
    asyncio._set_running_loop(loop)  # noqa: SLF001 (see above)
    try:
        yield
    finally:
        asyncio._set_running_loop(former)  # noqa: SLF001 (see above)


class Instance:
    """A workflow in a worker's cache."""

    def __init__(
        self, workflow: type, workflow_id: str, run_id: str, queue: str, at_us: int, flags: frozenset[int]
    ) -> None:
        self._run_id = run_id
        details = _details(workflow, workflow_id, run_id, queue, at_us, flags)
        with _running(_STAND_IN):
            self._inner = _RUNNER.create_instance(details)

    def activate(self, asked: Activation) -> Completion:
        """The completion of an activation. Raises TaskFailed with the workflow's own fault."""
        activation = WorkflowActivation(
            run_id=self._run_id,
            is_replaying=asked.replaying,
            history_length=asked.events,
            continue_as_new_suggested=asked.long,
            available_internal_flags=sorted(asked.flags),
            jobs=asked.jobs,
        )
        activation.timestamp.FromNanoseconds(asked.at_ns)
        with _running(None):
            done = self._inner.activate(activation)
        if done.HasField("failed"):
            raise TaskFailed(done.failed.failure.message)
        written, read, answer = [], [], None
        for command in done.successful.commands:
            if command.HasField("respond_to_query"):
                answer = command.respond_to_query.succeeded.response
                continue
            written.append(command.SerializeToString(deterministic=True))
            read.append(command_of(command))
        used = frozenset(done.successful.used_internal_flags)
        return Completion(tuple(read), b"\n".join(written), used, answer)

    def evict(self) -> None:
        """Removes the instance from the cache; its tasks end without a trace."""
        activation = WorkflowActivation(run_id=self._run_id)
        activation.jobs.add().remove_from_cache.SetInParent()
        with _running(None):
            self._inner.activate(activation)


def _details(
    workflow: type, workflow_id: str, run_id: str, queue: str, at_us: int, flags: frozenset[int]
) -> WorkflowInstanceDetails:
    definition = _Definition.must_from_class(workflow)
    return WorkflowInstanceDetails(
        payload_converter_factory=lambda: CONVERTER,
        failure_converter_class=DefaultFailureConverter,
        interceptor_classes=(),
        defn=definition,
        info=_info(definition.name or "", workflow_id, run_id, queue, at_us),
        randomness_seed=1,
        extern_functions={"__temporal_assert_local_activity_valid": lambda _name: None},
        disable_eager_activity_execution=False,
        worker_level_failure_exception_types=(),
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=None,
        default_workflow_logic_flags=frozenset(_WorkflowLogicFlag(flag) for flag in flags),
    )


def _info(workflow: str, workflow_id: str, run_id: str, queue: str, at_us: int) -> Info:
    started_at = _BEGINNING + timedelta(microseconds=at_us)
    return Info(
        attempt=1,
        continued_run_id=None,
        cron_schedule=None,
        execution_timeout=None,
        first_execution_run_id=run_id,
        headers={},
        namespace="sim",
        original_execution_run_id=run_id,
        parent=None,
        root=None,
        priority=Priority(),
        raw_memo={},
        retry_policy=None,
        run_id=run_id,
        run_timeout=None,
        search_attributes={},
        start_time=started_at,
        workflow_start_time=started_at,
        task_queue=queue,
        task_timeout=timedelta(seconds=10),
        typed_search_attributes=TypedSearchAttributes.empty,
        workflow_id=workflow_id,
        workflow_type=workflow,
    )


def workflow_type(workflow: type[Any]) -> str:
    """The name under which a workflow class is registered."""
    return _Definition.must_from_class(workflow).name or workflow.__name__
