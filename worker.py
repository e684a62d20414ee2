"""Runs the workers: workflows with their activities, and the database queue for slow writes. `python -m worker`"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta

import structlog
import uvloop
from prometheus_client import CollectorRegistry, Gauge
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.metrics import ActivityMetrics
from activities.parking_log import ParkingLog
from activities.traces import TracedActivities
from jalon import logs, metrics, tracing
from jalon.bootstrap import Installation, WorkerResources, open_worker_resources
from jalon.integrations.temporal.polls import last_poll
from workflows.clock import TestClockWorkflow
from workflows.engine.options import DATABASE_QUEUE_SUFFIX
from workflows.lifecycles import LIFECYCLES
from workflows.repair import RepairWorkflow
from workflows.traced import TracedWorkflows

log = structlog.get_logger()

POLLS_READ_SECONDS = 15.0


def workflows() -> list[type]:
    """Every workflow class that a worker runs: one for each kind of entity, the test clock, and repairs in bulk."""
    return [*(row.workflow for row in LIFECYCLES.values()), TestClockWorkflow, RepairWorkflow]


def workers(resources_: WorkerResources, counting: ActivityMetrics) -> list[Worker]:
    """The workers of one process. Workflows run unsandboxed: import contracts and the replay corpus keep them deterministic."""
    watching = [TracedActivities(), counting, ParkingLog()]
    settings = resources_.settings
    grace = timedelta(seconds=settings.shutdown_grace_seconds)
    main = Worker(
        resources_.client,
        task_queue=settings.task_queue,
        workflows=workflows(),
        activities=resources_.activities,
        interceptors=[TracedWorkflows(), *watching],
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
        interceptors=[*watching, resources_.stall_watch],
        max_concurrent_activities=settings.max_concurrent_activities,
        graceful_shutdown_timeout=grace,
    )
    return [main, database]


def last_polls(registry: CollectorRegistry) -> Gauge:
    """The gauge of the last poll, which stops while the workers do not reach Temporal."""
    return Gauge(
        "jalon_worker_last_poll_timestamp_seconds",
        "When this process last asked Temporal for work, by Temporal's word; it stands still while Temporal is out of reach.",
        ["queue", "kind"],
        registry=registry,
    )


async def watch_polls(client: Client, task_queue: str, gauge: Gauge) -> None:
    """Updates the gauge until cancelled."""
    queues = {"main": ("workflow", "activity"), "database": ("activity",)}
    names = {"main": task_queue, "database": task_queue + DATABASE_QUEUE_SUFFIX}
    while True:
        for queue, kinds in queues.items():
            for kind in kinds:
                with suppress(RPCError):
                    polled = await last_poll(client, names[queue], kind)
                    if polled is not None:
                        gauge.labels(queue, kind).set(polled.timestamp())
        await asyncio.sleep(POLLS_READ_SECONDS)


async def run(installation: Installation) -> None:
    """Runs until SIGTERM or SIGINT, then lets running activities finish within the grace period."""
    settings = installation.settings
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_worker_resources(installation) as resources_:
        registry = metrics.new_registry()
        started = workers(resources_, ActivityMetrics(registry))
        tasks = [asyncio.create_task(worker.run()) for worker in started]
        polls = asyncio.create_task(watch_polls(resources_.client, settings.task_queue, last_polls(registry)))
        log.info("worker_started", task_queue=settings.task_queue)
        stopping = asyncio.create_task(stop.wait())
        async with metrics.serve(settings, registry):
            await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(*(worker.shutdown() for worker in started))
            await asyncio.gather(*tasks)
        polls.cancel()
        log.info("worker_stopped")


def main() -> None:
    """The process's entry point."""
    installation = Installation.read_or_exit()
    logs.configure(installation.settings.log_level, installation.settings.log_format)
    tracing.configure(installation.settings.otlp_endpoint, "worker")
    uvloop.run(run(installation))


if __name__ == "__main__":
    main()
