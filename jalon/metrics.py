"""The metrics of a process, in Prometheus's text format, on a port of their own.

No label holds an id, an address or a path as sent. So code and store files bound the number of series.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg import Error as DatabaseFault
from sqlalchemy.exc import SQLAlchemyError

from jalon.domain.stops import Stop
from jalon.persistence.inbox.receipts import PATIENCE_SECONDS
from jalon.persistence.operations import pending_work
from jalon.persistence.operations.pending_work import PendingWork
from jalon.persistence.sessions import Sessions
from jalon.settings import Settings, SettingsInvalid

log = structlog.get_logger()

# Otherwise every series has a second one with its creation time.
disable_created_metrics()  # type: ignore[no-untyped-call]

KEPT_SECONDS = 5.0
"""The seconds during which scrapes share one reading of the pending work from the database."""
DATABASE_SECONDS = 3.0
"""The seconds that a scrape waits for the database before it serves the other metrics without it."""

Fact = TypeVar("Fact")


def new_registry() -> CollectorRegistry:
    """A registry with the metrics of the process itself: processor, memory, open files, collections."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


@asynccontextmanager
async def serve(settings: Settings, registry: CollectorRegistry) -> AsyncIterator[None]:
    """Serves the registry within the block, from a thread, so that a busy process still answers. Without a port it serves nothing.

    Raises SettingsInvalid where the port cannot be opened.
    """
    host, port = settings.metrics_host, settings.metrics_port
    if port is None:
        yield
        return
    try:
        server, _thread = start_http_server(port, host, registry)
    except OSError as error:
        raise SettingsInvalid(
            (f"JALON_METRICS_PORT: cannot listen on {host}:{port}: {error.strerror}",)
        ) from None
    log.info("metrics_served", host=host, port=port)
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class RelayMetrics:
    """Counts the relay's deliveries, and notes when the relay last swept."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._deliveries = Counter(
            "jalon_relay_deliveries",
            "Receipts that the relay took in hand, by outcome: delivered, closed, failed, missing or unreadable.",
            ["outcome"],
            registry=registry,
        )
        for outcome in ("delivered", "closed", "failed", "missing", "unreadable"):
            self._deliveries.labels(outcome)
        self._sweep = Gauge(
            "jalon_relay_last_sweep_timestamp_seconds",
            "When the relay last read from the database what is to be delivered.",
            registry=registry,
        )

    def delivered(self, outcome: str, receipts: int) -> None:
        """Counts receipts with this outcome; `failed` ones are tried again."""
        self._deliveries.labels(outcome).inc(receipts)

    def swept(self) -> None:
        """Notes a sweep: the database returned the receipts to deliver."""
        self._sweep.set_to_current_time()


def pending_work_of(sessions: Sessions, stores: Iterable[str]) -> Collector:
    """The pending work of these stores, for a registry. Call it in the process's event loop."""
    known = tuple(sorted(stores))

    async def read() -> PendingWork:
        async with sessions.of(*known) as tx:
            return await pending_work.read(tx, PATIENCE_SECONDS)

    return PendingWorkCollector(read, known)


class DatabaseReading(Generic[Fact]):
    """What the database tells, read at a scrape, at most once in `kept` seconds; None while it does not answer.

    It is made in the process's event loop, which runs the reading; scrapes come from the server's threads.
    """

    def __init__(self, read: Callable[[], Awaitable[Fact]], kept: float, what: str) -> None:
        self._read = read
        self._for = kept
        self._unreadable = f"{what}_unreadable"
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._kept: tuple[float, Fact | None] | None = None

    def get(self) -> Fact | None:
        """The last reading, or a new one."""
        with self._lock:
            now = time.monotonic()
            if self._kept is None or now - self._kept[0] > self._for:
                self._kept = (now, self._ask())
            return self._kept[1]

    def _ask(self) -> Fact | None:
        asking = self._within_patience()
        try:
            asked = asyncio.run_coroutine_threadsafe(asking, self._loop)
        except RuntimeError:
            # The process is ending: its loop accepts no more work.
            asking.close()
            return None
        try:
            return asked.result(DATABASE_SECONDS + 1)
        except (SQLAlchemyError, DatabaseFault, TimeoutError) as fault:
            asked.cancel()
            log.warning(self._unreadable, fault=type(fault).__name__)
            return None

    async def _within_patience(self) -> Fact:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await self._read()


class PendingWorkCollector(Collector):
    """The gauges of the pending work, read from the database."""

    def __init__(self, read: Callable[[], Awaitable[PendingWork]], stores: Iterable[str]) -> None:
        self._reading = DatabaseReading(read, KEPT_SECONDS, "pending_work")
        self._stores = tuple(stores)

    def collect(self) -> Iterable[Metric]:
        """The gauges; without a database only the one that reports the failed reading."""
        work = self._reading.get()
        yield GaugeMetricFamily(
            "jalon_pending_work_readable",
            "Whether the database told what waits; 0 leaves the gauges of pending work out.",
            value=float(work is not None),
        )
        if work is not None:
            yield from self._waiting(work)

    def _waiting(self, work: PendingWork) -> Iterable[Metric]:
        yield self._by_store("jalon_parked_steps", "Steps that wait for an operator.", work.parked)
        yield self._by_store(
            "jalon_stalled_steps", "Database steps that a fault of ours keeps from going on.", work.stalled
        )
        yield self._stops(work.stops)
        for name, said, value in (
            ("jalon_receipts_pending", "Receipts that no workflow has settled.", work.pending),
            (
                "jalon_receipts_pending_oldest_seconds",
                "Age of the oldest receipt that no workflow has settled; 0 without one.",
                work.pending_seconds,
            ),
            ("jalon_relay_undelivered", "Receipts that are the relay's to deliver.", work.undelivered),
            (
                "jalon_relay_undelivered_oldest_seconds",
                "Age of the oldest receipt that is the relay's to deliver; 0 without one.",
                work.undelivered_seconds,
            ),
        ):
            yield GaugeMetricFamily(name, said, value=value)

    def _stops(self, stopped: Mapping[str, Sequence[str]]) -> Metric:
        said = "Whether an operator stopped it in the store: charges or mail."
        family = GaugeMetricFamily("jalon_emergency_stops", said, labels=["store", "what"])
        for store in self._stores:
            for what in Stop:
                family.add_metric([store, what], float(what in stopped.get(store, ())))
        return family

    def _by_store(self, name: str, said: str, counted: Mapping[str, int]) -> Metric:
        family = GaugeMetricFamily(name, said, labels=["store"])
        for store in self._stores:
            family.add_metric([store], counted.get(store, 0))
        return family
