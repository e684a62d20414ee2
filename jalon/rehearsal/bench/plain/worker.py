"""Runs the plain way's workflows with the settings of the shipped worker. `python -m jalon.rehearsal.bench.plain.worker`"""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from jalon.bootstrap import Installation, open_resources, open_worker_resources
from jalon.rehearsal.bench.plain.order import PlainOrder
from jalon.rehearsal.bench.plain.rows import PlainRows
from jalon.rehearsal.bench.plain.subscription import PlainSubscription


@workflow.defn(name="Bare")
class Bare:
    """A workflow without effects, which measures the cost of a start alone."""

    @workflow.run
    async def run(self) -> None:
        """Returns at once."""


async def run(installation: Installation) -> None:
    """Runs until SIGTERM."""
    settings = installation.settings
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_worker_resources(installation) as resources_, open_resources(installation) as resources:
        rows = PlainRows(resources.sessions)
        worker = Worker(
            resources_.client,
            task_queue=settings.task_queue,
            workflows=[PlainOrder, PlainSubscription, Bare],
            activities=[*resources_.activities, rows.project, rows.narrate, rows.publish, rows.record_step],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_activities=settings.max_concurrent_activities,
            max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
            graceful_shutdown_timeout=timedelta(seconds=1),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        )
        async with worker:
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(run(Installation.read_or_exit()))
