"""Asks the mix of the function behind the route, and keeps how long each answer took until it was JSON."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from api.v1.support.search import found_by
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.bench.searches.mix import Asked

LIMIT_MS = 50.0
PAGE = 20


@dataclass(frozen=True, slots=True)
class Timed:
    """The queries of a class. `times` are milliseconds; `unseen` counts those that did not find the order which they name alone."""

    name: str
    times: tuple[float, ...]
    empty: int
    unseen: int

    def percentile(self, percent: int) -> float:
        """The time that `percent` of a hundred queries keep within."""
        return percentile(self.times, percent)


def percentile(times: Sequence[float], percent: int) -> float:
    """The time that `percent` of a hundred keep within."""
    return quantiles(times, n=100, method="inclusive")[percent - 1]


async def ask_all(sessions: Sessions, parties: Parties, asked: Mapping[str, Sequence[Asked]]) -> list[Timed]:
    """The times of every class, the classes in turn, so that each meets the same state of the caches."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    empty, unseen = dict.fromkeys(asked, 0), dict.fromkeys(asked, 0)
    for turn in zip(*asked.values(), strict=True):
        for name, query in zip(asked, turn, strict=True):
            began = time.perf_counter()
            async with sessions.of(*query.stores) as tx:
                found = await found_by(tx, parties, "support", query.query, PAGE)
            found.model_dump_json()
            times[name].append((time.perf_counter() - began) * 1000)
            empty[name] += not found.data
            unseen[name] += query.order is not None and query.order not in {each.id for each in found.data}
    return [Timed(name, tuple(times[name]), empty[name], unseen[name]) for name in asked]
