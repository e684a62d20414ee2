"""The gauges of the stages: how many wait, for how long, and how near the deadline is that a parked step would hit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jalon.metrics import DatabaseReading
from jalon.persistence.operations import stages
from jalon.persistence.operations.stages import STAGES, Waiting
from jalon.persistence.sessions import Sessions

STAGES_KEPT_SECONDS = 30.0
"""The seconds during which scrapes share one reading of the stages."""


def stages_of(sessions: Sessions, stores: Iterable[str]) -> Collector:
    """The stages of these stores, for a registry. Call it in the process's event loop."""
    known = tuple(sorted(stores))

    async def read() -> Sequence[Waiting]:
        async with sessions.of(*known) as tx:
            return await stages.read(tx, known)

    return StageCollector(read, known)


class StageCollector(Collector):
    """The gauges of the stages, read from the database. Each has a series for every stage and store, so that none ends as it empties."""

    def __init__(self, read: Callable[[], Awaitable[Sequence[Waiting]]], stores: Iterable[str]) -> None:
        self._reading = DatabaseReading(read, STAGES_KEPT_SECONDS, "stages")
        self._stores = tuple(stores)

    def collect(self) -> Iterable[Metric]:
        """The gauges; without a database only the one that reports the failed reading."""
        waiting = self._reading.get()
        yield GaugeMetricFamily(
            "jalon_stages_readable",
            "Whether the database told what waits in each stage; 0 leaves the gauges of stages out.",
            value=float(waiting is not None),
        )
        if waiting is not None:
            found = {(each.stage, each.store): each for each in waiting}
            yield self._each(
                "jalon_stage_waiting", "How many wait in a stage.", {at: w.waiting for at, w in found.items()}
            )
            yield self._each(
                "jalon_stage_oldest_seconds",
                "How long the oldest of a stage waits; 0 without one.",
                {at: w.oldest_seconds for at, w in found.items()},
            )
            yield self._each(
                "jalon_stage_late",
                "How many wait longer in a stage than is promised.",
                {at: w.late for at, w in found.items()},
            )
            yield _deadlines(waiting)

    def _each(self, name: str, said: str, values: dict[tuple[str, str], float]) -> Metric:
        family = GaugeMetricFamily(name, said, labels=["stage", "store"])
        for stage in STAGES:
            for store in self._stores:
                family.add_metric([stage.name, store], values.get((stage.name, store), 0))
        return family


def _deadlines(waiting: Sequence[Waiting]) -> Metric:
    family = GaugeMetricFamily(
        "jalon_parked_deadline_seconds",
        "Seconds until the next deadline that a parked step would hit; no series without one.",
        labels=["store"],
    )
    for store, seconds in sorted(stages.nearest_deadlines(waiting).items()):
        family.add_metric([store], seconds)
    return family
