"""The instants at which the workers of this process last polled, as Temporal reports them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

ANSWER_WITHIN = timedelta(seconds=5)
KINDS = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


async def last_poll(client: Client, queue: str, kind: str) -> datetime | None:
    """The instant at which this client's process last polled `queue` for work of a kind of KINDS, in UTC; None where Temporal has none.

    Raises RPCError where Temporal does not answer.
    """
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=KINDS[kind]
        ),
        timeout=ANSWER_WITHIN,
    )
    own = [poller.last_access_time for poller in answer.pollers if poller.identity == client.identity]
    return max((time.ToDatetime(UTC) for time in own), default=None)
