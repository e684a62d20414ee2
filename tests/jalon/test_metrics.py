"""The metrics of a process are served on their own port; pending work is counted in the database at each scrape."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy.exc import OperationalError

import worker
from activities.metrics import ActivityMetrics
from api.http.metrics import Metrics
from jalon import metrics
from jalon.invariant_metrics import InvariantCollector, Standing
from jalon.local.machine import Machine
from jalon.local.ports import HOST, free_port
from jalon.metrics import PendingWorkCollector, RelayMetrics
from jalon.persistence.operations.invariants import INVARIANTS
from jalon.persistence.operations.pending_work import PendingWork
from jalon.persistence.operations.stages import STAGES, Waiting
from jalon.persistence.sessions import Sessions
from jalon.settings import ROOT, Settings, SettingsInvalid
from jalon.stage_metrics import StageCollector
from tests.jalon.persistence.conftest import AT
from tests.support.metrics import samples_of, scraped, value

WAITING = PendingWork({"drafting": 2}, {"drafting": 1}, 3, 60.0, 4, 300.0)


def settings(port: int | None) -> Settings:
    return Settings.model_construct(metrics_host=HOST, metrics_port=port)


async def test_they_are_served_within_the_block_only() -> None:
    port, registry = free_port(), metrics.new_registry()
    async with metrics.serve(settings(port), registry):
        samples = await asyncio.to_thread(scraped, f"http://{HOST}:{port}/metrics")
    assert value(samples, "process_start_time_seconds") > 0
    with socket.create_server((HOST, port)):
        pass


async def test_without_a_port_nothing_is_served() -> None:
    async with metrics.serve(settings(None), metrics.new_registry()):
        pass


async def test_a_taken_port_ends_the_start_with_its_variable() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsInvalid, match=f"JALON_METRICS_PORT: cannot listen on {HOST}:{port}"):
            async with metrics.serve(settings(port), metrics.new_registry()):
                pass


async def test_what_waits_is_asked_for_once_in_a_while_and_served_for_every_store() -> None:
    asked = 0

    async def read() -> PendingWork:
        nonlocal asked
        asked += 1
        return WAITING

    registry = CollectorRegistry()
    registry.register(PendingWorkCollector(read, ["drafting", "geomatics"]))
    for _ in range(3):
        samples = await asyncio.to_thread(samples_of, registry)
    assert asked == 1
    assert value(samples, "jalon_pending_work_readable") == 1
    steps = {
        sample.labels["store"]: sample.value for sample in samples if sample.name == "jalon_parked_steps"
    }
    assert steps == {"drafting": 2, "geomatics": 0}
    assert value(samples, "jalon_stalled_steps", store="drafting") == 1
    receipts = ("pending", "pending_oldest_seconds")
    assert [value(samples, f"jalon_receipts_{each}") for each in receipts] == [3, 60]
    relays = ("undelivered", "undelivered_oldest_seconds")
    assert [value(samples, f"jalon_relay_{each}") for each in relays] == [4, 300]


@pytest.mark.parametrize("fault", [OperationalError("select", None, Exception()), TimeoutError()])
async def test_without_the_database_nothing_stale_is_served(fault: Exception) -> None:
    async def read() -> PendingWork:
        raise fault

    registry = CollectorRegistry()
    registry.register(PendingWorkCollector(read, ["drafting"]))
    samples = await asyncio.to_thread(samples_of, registry)
    assert [(sample.name, sample.value) for sample in samples] == [("jalon_pending_work_readable", 0)]


async def test_pending_work_comes_from_the_database(postgres: Machine) -> None:
    sessions = Sessions.connect(postgres.environment["JALON_DATABASE_URL"])
    registry = CollectorRegistry()
    registry.register(metrics.pending_work_of(sessions, ["a-store-of-nobody"]))
    samples = await asyncio.to_thread(samples_of, registry)
    assert value(samples, "jalon_pending_work_readable") == 1
    assert value(samples, "jalon_relay_undelivered") == 0
    await sessions.close()


def test_the_relay_counts_receipts_by_outcome_and_says_when_it_looked() -> None:
    registry = CollectorRegistry()
    relay = RelayMetrics(registry)
    relay.delivered("delivered", 3)
    relay.delivered("failed", 1)
    assert value(samples_of(registry), "jalon_relay_last_sweep_timestamp_seconds") == 0
    relay.swept()
    samples = samples_of(registry)
    counts = {s.labels["outcome"]: s.value for s in samples if s.name == "jalon_relay_deliveries_total"}
    assert counts == {"delivered": 3, "closed": 0, "failed": 1, "missing": 0, "unreadable": 0}
    assert value(samples, "jalon_relay_last_sweep_timestamp_seconds") > 0


async def test_each_stage_has_a_series_for_every_store_also_while_nothing_waits() -> None:
    parked = Waiting("parked", "drafting", 2, 60.0, 1, -5.0, AT)

    async def read() -> list[Waiting]:
        return [parked, Waiting("screening", "geomatics", 1, 9.0, 0, 100.0, AT)]

    registry = CollectorRegistry()
    registry.register(StageCollector(read, ["drafting", "geomatics"]))
    samples = await asyncio.to_thread(samples_of, registry)
    assert value(samples, "jalon_stages_readable") == 1
    for name, expected in (("waiting", 2), ("oldest_seconds", 60), ("late", 1)):
        assert value(samples, f"jalon_stage_{name}", stage="parked", store="drafting") == expected
    assert len([each for each in samples if each.name == "jalon_stage_waiting"]) == 2 * len(STAGES)
    deadlines = [
        (each.labels, each.value) for each in samples if each.name == "jalon_parked_deadline_seconds"
    ]
    assert deadlines == [({"store": "drafting"}, -5.0)]


async def test_each_invariant_has_a_series_once_it_was_checked() -> None:
    standing = Standing({"mail_once": 2}, None)

    async def read() -> Standing:
        return standing

    registry = CollectorRegistry()
    registry.register(InvariantCollector(read))
    assert await asyncio.to_thread(samples_of, registry) == []
    standing, registry = Standing({"mail_once": 2}, AT), CollectorRegistry()
    registry.register(InvariantCollector(read))
    samples = await asyncio.to_thread(samples_of, registry)
    assert value(samples, "jalon_invariant_violations", invariant="mail_once", severity="warning") == 2
    assert value(samples, "jalon_invariant_violations") == 2
    assert value(samples, "jalon_invariants_checked_timestamp_seconds") == AT.timestamp()
    series = [each for each in samples if each.name == "jalon_invariant_violations"]
    assert len(series) == len(INVARIANTS)


async def test_every_metric_is_in_the_operations_page() -> None:
    async def read() -> PendingWork:
        return WAITING

    async def read_stages() -> list[Waiting]:
        return []

    async def read_violations() -> Standing:
        return Standing({}, AT)

    registry = CollectorRegistry()
    worker.last_polls(registry)
    for counting in (Metrics, ActivityMetrics, RelayMetrics):
        counting(registry)
    registry.register(PendingWorkCollector(read, ["drafting"]))
    registry.register(StageCollector(read_stages, ["drafting"]))
    registry.register(InvariantCollector(read_violations))
    families = await asyncio.to_thread(lambda: list(registry.collect()))
    counted = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    section = (ROOT / "docs" / "operations.md").read_text().split("\n## Figures\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(jalon_\w+)` \| ([^|]*) \|", section, re.MULTILINE))
    assert set(rows) == counted
    assert set(re.findall(r"\bjalon_\w+?(?=_count|_bucket|\b)", section)) <= counted
