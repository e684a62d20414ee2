"""Jobs, in which a workflow receives what happened; and the failures that some of them carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import TimeoutType
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob
from temporalio.converter import DefaultFailureConverter
from temporalio.exceptions import ApplicationError

from jalon.rehearsal.sim.sdk.payloads import CONVERTER

Job: TypeAlias = WorkflowActivationJob

_FAILURES = DefaultFailureConverter()


def initialize(workflow: str, workflow_id: str, arguments: Sequence[Payload], run_id: str, at_us: int) -> Job:
    """The job that starts a run, at `at_us` microseconds since 1970."""
    job = Job()
    begun = job.initialize_workflow
    begun.workflow_type, begun.workflow_id = workflow, workflow_id
    begun.arguments.extend(arguments)
    begun.randomness_seed = 1
    begun.workflow_task_timeout.FromSeconds(10)
    begun.first_execution_run_id = begun.original_execution_run_id = run_id
    begun.attempt = 1
    begun.start_time.FromMicroseconds(at_us)
    return job


def update(update_id: str, name: str, arguments: Sequence[Payload], *, first: bool) -> Job:
    """The job of an update. Its validator runs the first time only."""
    job = Job()
    said = job.do_update
    said.id = said.protocol_instance_id = said.meta.update_id = update_id
    said.name, said.run_validator = name, first
    said.input.extend(arguments)
    return job


def timer_fired(seq: int) -> Job:
    """The job of a timer that fires."""
    job = Job()
    job.fire_timer.seq = seq
    return job


def completed(seq: int, result: Payload | None, *, local: bool) -> Job:
    """The job of an activity that completed."""
    job = Job()
    job.resolve_activity.seq, job.resolve_activity.is_local = seq, local
    job.resolve_activity.result.completed.SetInParent()
    if result is not None:
        job.resolve_activity.result.completed.result.CopyFrom(result)
    return job


def failed(seq: int, failure: Failure, *, local: bool) -> Job:
    """The job of an activity that failed permanently."""
    job = Job()
    job.resolve_activity.seq, job.resolve_activity.is_local = seq, local
    job.resolve_activity.result.failed.failure.CopyFrom(failure)
    return job


def cancelled(seq: int) -> Job:
    """The job of an activity that was cancelled."""
    job = Job()
    job.resolve_activity.seq = seq
    job.resolve_activity.result.cancelled.failure.CopyFrom(activity_failure("", seq, _canceled()))
    return job


def query(name: str) -> Job:
    """The job of a query; it leaves no event."""
    job = Job()
    job.query_workflow.query_id, job.query_workflow.query_type = "asked", name
    return job


def reseeded() -> Job:
    """The job by which a reset gives the run another random seed."""
    job = Job()
    job.update_random_seed.randomness_seed = 2
    return job


def replayed(job: Job) -> Job:
    """The job as a replay makes it: updates are not validated again, and a local timeout has no details (seen in SDK 1.35)."""
    if job.HasField("do_update") and job.do_update.run_validator:
        again = Job()
        again.CopyFrom(job)
        again.do_update.run_validator = False
        return again
    if job.HasField("resolve_activity") and job.resolve_activity.is_local:
        cause = job.resolve_activity.result.failed.failure.cause
        if cause.HasField("timeout_failure_info"):
            return failed(job.resolve_activity.seq, cause, local=True)
    return job


def job_name(job: Job) -> str:
    """The kind of a job."""
    return str(job.WhichOneof("variant"))


# -- failures ------------------------------------------------------------------------------------------------------------


def failure_of(error: ApplicationError) -> Failure:
    """The application's failure in the form of a history."""
    cause: BaseException | None = error
    while cause is not None:  # no reader needs the stack trace, and recording it takes a tenth of a life
        cause.__traceback__, cause = None, cause.__cause__
    found = Failure()
    _FAILURES.to_failure(error, CONVERTER, found)
    return found


def attempt_timeout() -> Failure:
    """The failure of an activity's attempt that timed out."""
    found = Failure(message="Activity timed out")
    found.timeout_failure_info.timeout_type = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
    return found


def local_timeout(activity: str, seq: int) -> Failure:
    """The failure of a local activity that timed out, as its first execution receives it."""
    return activity_failure(activity, seq, attempt_timeout())


def activity_failure(activity: str, seq: int, cause: Failure) -> Failure:
    """The permanent failure of an activity, from its last attempt's failure."""
    found = Failure(message="activity error")
    found.activity_failure_info.activity_type.name = activity
    found.activity_failure_info.activity_id = str(seq)
    found.cause.CopyFrom(cause)
    return found


def _canceled() -> Failure:
    found = Failure(message="canceled")
    found.canceled_failure_info.SetInParent()
    return found
