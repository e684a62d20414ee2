"""The gauges of the invariants: how many violations of each stand, and when they were last checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jalon.metrics import DatabaseReading
from jalon.persistence.operations import invariant_checks
from jalon.persistence.operations.invariants import INVARIANTS
from jalon.persistence.sessions import Sessions

VIOLATIONS_KEPT_SECONDS = 15.0
"""The seconds during which scrapes share one reading of the violations."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many violations of each invariant stand, and when the last check was; None before the first."""

    violations: dict[str, int]
    checked_at: datetime | None


def invariants_of(sessions: Sessions, stores: Iterable[str]) -> Collector:
    """The violations in these stores, for a registry. Call it in the process's event loop."""
    known = tuple(stores)

    async def read() -> Standing:
        async with sessions.unscoped() as tx:
            progress = await invariant_checks.progress(tx)
        async with sessions.of(*known) as tx:
            return Standing(await invariant_checks.counts(tx), progress.checked_at)

    return InvariantCollector(read)


class InvariantCollector(Collector):
    """The gauges of the invariants, read from the database. Each invariant has its series, also where nothing violates it."""

    def __init__(self, read: Callable[[], Awaitable[Standing]]) -> None:
        self._reading = DatabaseReading(read, VIOLATIONS_KEPT_SECONDS, "invariants")

    def collect(self) -> Iterable[Metric]:
        """The gauges; none without a database or before the first check, so that nobody takes silence for order."""
        standing = self._reading.get()
        if standing is None or standing.checked_at is None:
            return
        family = GaugeMetricFamily(
            "jalon_invariant_violations",
            "How many violations of an invariant stand, counted to 1,000.",
            labels=["invariant", "severity"],
        )
        for invariant in INVARIANTS:
            labels = [invariant.name, invariant.severity]
            family.add_metric(labels, standing.violations.get(invariant.name, 0))
        yield family
        yield GaugeMetricFamily(
            "jalon_invariants_checked_timestamp_seconds",
            "When the invariants were last checked.",
            value=standing.checked_at.timestamp(),
        )
