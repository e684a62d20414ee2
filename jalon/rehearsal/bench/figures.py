"""The figures of a run. They are measured in alternating blocks, so that changes on the machine affect every way alike."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jalon.rehearsal.bench.agreement import Agreement
from jalon.rehearsal.bench.histories import Cost


@dataclass
class WayFigures:
    """The figures of one way: the lists have one entry for each round; `places` and `starts` are seconds over all rounds."""

    way: str
    orders_per_second: list[float] = field(default_factory=list)
    statements: list[float] = field(default_factory=list)
    processor_ms: list[dict[str, float]] = field(default_factory=list)
    places: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    cost: Cost | None = None
    sampled: int = 1

    def of_order(self, amount: int) -> float:
        """A cost of the sampled orders, for one order."""
        return round(amount / self.sampled, 1)


@dataclass
class Figures:
    """The figures of a whole run: the product's first, then those of the ways it is compared with."""

    ways: list[WayFigures]
    orders: int
    concurrency: int
    agreement: Agreement
    renewal: Cost | None = None

    def ratios(self, other: WayFigures) -> list[float]:
        """The ratio of the product's orders a second to the other way's, round by round."""
        pairs = zip(self.ways[0].orders_per_second, other.orders_per_second, strict=True)
        return [spine / plain for spine, plain in pairs]

    def as_dict(self) -> dict[str, Any]:
        """The JSON of the command: medians over the rounds, latencies in milliseconds."""
        spine, plain, bundled = self.ways
        return {
            "ok": self.agreement.ok,
            **_headline(self, spine, plain, bundled),
            "actions_per_renewal_term": self.renewal.billable if self.renewal else None,
            **_cost(spine, ""),
            **_cost(plain, "baseline_"),
            **_cost(bundled, "bundled_"),
            "orders": self.orders,
            "concurrency": self.concurrency,
            "orders_compared": self.agreement.orders,
            "faults": list(self.agreement.faults),
        }


def _headline(figures: Figures, spine: WayFigures, plain: WayFigures, bundled: WayFigures) -> dict[str, Any]:
    return {
        "orders_per_second": round(statistics.median(spine.orders_per_second), 2),
        "baseline_orders_per_second": round(statistics.median(plain.orders_per_second), 2),
        "ratio": round(statistics.median(figures.ratios(plain)), 2),
        "ratios": [round(ratio, 2) for ratio in figures.ratios(plain)],
        "bundled_orders_per_second": round(statistics.median(bundled.orders_per_second), 2),
        "bundled_ratio": round(statistics.median(figures.ratios(bundled)), 2),
        "processor_ratio": _processor_ratio(spine, plain),
        "bundled_processor_ratio": _processor_ratio(spine, bundled),
        "bundled_ratios": [round(ratio, 2) for ratio in figures.ratios(bundled)],
    }


def _processor_ratio(spine: WayFigures, other: WayFigures) -> float:
    """The other way's processor time for an order, as a multiple of the product's. Other work on the machine hardly affects it."""
    return round(middle(other.processor_ms)["all"] / middle(spine.processor_ms)["all"], 2)


def _cost(way: WayFigures, prefix: str) -> dict[str, Any]:
    cost = way.cost
    return {
        f"{prefix}actions_per_order": way.of_order(cost.billable) if cost else None,
        f"{prefix}actions_by_kind": {kind: way.of_order(n) for kind, n in cost.actions.items()}
        if cost
        else None,
        f"{prefix}history_events_per_order": way.of_order(cost.events) if cost else None,
        f"{prefix}history_bytes_per_order": way.of_order(cost.size_bytes) if cost else None,
        f"{prefix}workflow_tasks_per_order": way.of_order(cost.workflow_tasks) if cost else None,
        f"{prefix}sql_statements_per_order": round(statistics.median(way.statements), 1),
        f"{prefix}processor_ms_per_order": middle(way.processor_ms),
        f"{prefix}place_p50_ms": percentile(way.places, 50),
        f"{prefix}place_p99_ms": percentile(way.places, 99),
        f"{prefix}start_p50_ms": percentile(way.starts, 50),
        f"{prefix}start_p99_ms": percentile(way.starts, 99),
    }


def middle(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of each entry over the rounds."""
    return {name: round(statistics.median(each[name] for each in rounds), 1) for name in rounds[0]}


def percentile(seconds: Sequence[float], rank: int) -> float | None:
    """In milliseconds, the smallest value that `rank` percent of all do not exceed; None without any."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    index = max(0, -(-len(ordered) * rank // 100) - 1)
    return round(ordered[index] * 1000, 1)
