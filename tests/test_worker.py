"""The worker reports when it last polled for work, and the metric stops while Temporal is unreachable."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

import worker
from jalon.integrations.temporal.polls import last_poll
from tests.support.machines import Serving
from tests.support.metrics import samples_of, value

POLL = "jalon_worker_last_poll_timestamp_seconds"


@activity.defn
async def nothing() -> None:
    """Does nothing; it is never called."""


async def test_temporal_knows_when_a_worker_of_this_process_last_polled(machine: Serving) -> None:
    environment = machine.environment
    address, namespace = environment["JALON_TEMPORAL_ADDRESS"], environment["JALON_TEMPORAL_NAMESPACE"]
    client = await Client.connect(address, namespace=namespace)
    queue = f"polled-{uuid.uuid4().hex}"
    assert await last_poll(client, queue, "activity") is None
    async with Worker(client, task_queue=queue, activities=[nothing]):
        for _ in range(200):
            if (polled := await last_poll(client, queue, "activity")) is not None:
                break
            await asyncio.sleep(0.1)
    assert polled is not None
    assert datetime.now(UTC) - polled < timedelta(seconds=30)
    assert await last_poll(client, queue, "workflow") is None


async def test_the_gauge_stands_still_while_temporal_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    at, away, asked = datetime(2026, 1, 15, tzinfo=UTC), False, asyncio.Event()

    async def polled(_client: Client, queue: str, _kind: str) -> datetime | None:
        asked.set()
        if away:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        return at if queue == "jalon" else None

    monkeypatch.setattr(worker, "last_poll", polled)
    monkeypatch.setattr(worker, "POLLS_READ_SECONDS", 0.01)
    registry = CollectorRegistry()
    watching = asyncio.create_task(worker.watch_polls(None, "jalon", worker.last_polls(registry)))  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    away = True
    asked.clear()
    await asked.wait()
    await asyncio.sleep(0.05)
    assert not watching.done()
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    kinds = {sample.labels["kind"]: sample.value for sample in samples_of(registry) if sample.name == POLL}
    assert kinds == {"workflow": at.timestamp(), "activity": at.timestamp()}
    assert value(samples_of(registry), POLL, queue="database") == 0
