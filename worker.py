"""Runs the workers: workflows with their effects, and the queue on which slow database writes go on. `python -m worker`"""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

import structlog
import uvloop
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import logs
from bootstrap import WorkerResources, open_worker_resources
from settings import Settings
from workflows.clock import TestClockWorkflow
from workflows.options import DATABASE_QUEUE_SUFFIX
from workflows.order import OrderWorkflow
from workflows.subscription import SubscriptionWorkflow

log = structlog.get_logger()

WORKFLOWS = [OrderWorkflow, SubscriptionWorkflow, TestClockWorkflow]


def workers(resources_: WorkerResources) -> list[Worker]:
    """The workers of one process. Workflows run unsandboxed: import contracts and the replay corpus keep them deterministic."""
    settings = resources_.settings
    grace = timedelta(seconds=settings.shutdown_grace_seconds)
    main = Worker(
        resources_.client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=resources_.activities,
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_activities=settings.max_concurrent_activities,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
        graceful_shutdown_timeout=grace,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
    )
    database = Worker(
        resources_.client,
        task_queue=settings.task_queue + DATABASE_QUEUE_SUFFIX,
        activities=resources_.database_activities,
        interceptors=[resources_.stall_watch],
        max_concurrent_activities=settings.max_concurrent_activities,
        graceful_shutdown_timeout=grace,
    )
    return [main, database]


async def run(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT, then lets running activities finish within the grace."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_worker_resources(settings) as resources_:
        started = workers(resources_)
        tasks = [asyncio.create_task(worker.run()) for worker in started]
        log.info("worker_started", task_queue=settings.task_queue)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.gather(*(worker.shutdown() for worker in started))
        await asyncio.gather(*tasks)
        log.info("worker_stopped")


def main() -> None:
    """The process's entry point."""
    settings = Settings.read()
    logs.configure(settings.log_level, settings.log_format)
    uvloop.run(run(settings))


if __name__ == "__main__":
    main()
