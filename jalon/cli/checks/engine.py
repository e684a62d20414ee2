"""Temporal: whether it answers, its clock, and who asks for the work of each task queue."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from jalon.cli.checks.finding import PATIENCE, Finding, of_the_clock
from jalon.integrations.temporal.client import TemporalServer, connect
from jalon.integrations.temporal.codec import EncryptingCodec

POLLED_WITHIN = 180.0
"""The age of the last poll, in seconds, from which docs/operations.md raises an alert."""
WITHIN = timedelta(seconds=PATIENCE)
LONGEST_POLL = timedelta(seconds=10)
"""Temporal refuses a poll that waits for less than two seconds. This one is given up once it is stamped."""
DOCTOR = "jalon-doctor"
"""A task queue that has no tasks: who polls it reads Temporal's clock in its own poll."""
QUEUES = (
    ("", "workflow", TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
    ("", "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    ("-database", "activity", TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
)
"""The end of each task queue's name, with the kind of its work; see DATABASE_QUEUE_SUFFIX."""


def of_temporal(server: TemporalServer, task_queue: str, way_out: str) -> list[Finding]:
    """What Temporal tells of itself, and of the workers that poll the task queues of this name."""
    try:
        return asyncio.run(_look(server, task_queue, way_out))
    except (RPCError, RuntimeError, TimeoutError, OSError, ValueError) as fault:
        said = " ".join(str(fault).split()).partition("(")[0][:120].strip() or type(fault).__name__
        return [Finding("temporal", f"{server.address} does not answer: {said}", way_out)]


async def _look(server: TemporalServer, task_queue: str, way_out: str) -> list[Finding]:
    async with asyncio.timeout(PATIENCE * 2):
        client = await connect(server, EncryptingCodec("doctor", {"doctor": bytes(32)}))
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=server.namespace), timeout=WITHIN
        )
        clock = await _clock(client)
        queues = [
            _polled(task_queue + end, kind, await _described(client, task_queue + end, number), way_out)
            for end, kind, number in QUEUES
        ]
    found = [Finding("temporal", f"{server.address} answers, namespace {server.namespace}")]
    return [*found, *([] if clock is None else [clock]), *queues]


async def _described(client: Client, queue: str, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=kind,
        report_stats=True,
    )
    return await client.workflow_service.describe_task_queue(request, timeout=WITHIN)


def _polled(queue: str, kind: str, found: DescribeTaskQueueResponse, way_out: str) -> Finding:
    subject = f"queue {queue}"
    polls = [each.last_access_time.ToDatetime(UTC) for each in found.pollers]
    waiting = found.stats.approximate_backlog_count
    waits = f"; {waiting} tasks wait" if waiting else ""
    if not polls:
        return Finding(subject, f"nobody asks for {kind} tasks{waits}", f"start a worker; {way_out}")
    age = max(0.0, (datetime.now(UTC) - max(polls)).total_seconds())
    fact = f"{len(polls)} ask for {kind} tasks, the last {age:.0f} s ago{waits}"
    return Finding(subject, fact, f"start a worker; {way_out}" if age > POLLED_WITHIN else None)


async def _clock(client: Client) -> Finding | None:
    """Temporal's clock: it stamps the poll that is under way here."""
    request = PollActivityTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=DOCTOR), identity=client.identity
    )
    began = datetime.now(UTC)
    poll = asyncio.create_task(
        client.workflow_service.poll_activity_task_queue(request, timeout=LONGEST_POLL)
    )
    try:
        for _ in range(8):
            await asyncio.sleep(0.1)
            found = await _described(client, DOCTOR, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
            stamps = [
                each.last_access_time.ToDatetime(UTC)
                for each in found.pollers
                if each.identity == client.identity
            ]
            if stamps:
                return of_the_clock("temporal clock", (max(stamps) - began).total_seconds(), "its clock")
    finally:
        poll.cancel()
        await asyncio.gather(poll, return_exceptions=True)
    return None
