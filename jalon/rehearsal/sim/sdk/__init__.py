"""The simulator's only use of the SDK's internals: activations in, commands out, without a server.

`temporalio.bridge.proto` and the workflow instance are not public. They were tried with the release in `TRIED_WITH` only.
`tests/jalon/rehearsal/sim/test_sdk.py` fails when another release is installed, and no other part of the simulator uses them.
"""

from __future__ import annotations

from jalon.rehearsal.sim.sdk.commands import (
    Accepted,
    Answered,
    CancelActivity,
    CancelTimer,
    Command,
    ContinuedAsNew,
    Ended,
    Schedule,
    StartTimer,
    TaskFailed,
)
from jalon.rehearsal.sim.sdk.instance import SINGLE_BATCH, Activation, Completion, Instance, workflow_type
from jalon.rehearsal.sim.sdk.jobs import (
    Job,
    activity_failure,
    attempt_timeout,
    cancelled,
    completed,
    failed,
    failure_of,
    initialize,
    job_name,
    local_timeout,
    query,
    replayed,
    reseeded,
    timer_fired,
    update,
)
from jalon.rehearsal.sim.sdk.payloads import CONVERTER, payload, value

TRIED_WITH = "1.35.0"

__all__ = [
    "CONVERTER",
    "SINGLE_BATCH",
    "TRIED_WITH",
    "Accepted",
    "Activation",
    "Answered",
    "CancelActivity",
    "CancelTimer",
    "Command",
    "Completion",
    "ContinuedAsNew",
    "Ended",
    "Instance",
    "Job",
    "Schedule",
    "StartTimer",
    "TaskFailed",
    "activity_failure",
    "attempt_timeout",
    "cancelled",
    "completed",
    "failed",
    "failure_of",
    "initialize",
    "job_name",
    "local_timeout",
    "payload",
    "query",
    "replayed",
    "reseeded",
    "timer_fired",
    "update",
    "value",
    "workflow_type",
]
