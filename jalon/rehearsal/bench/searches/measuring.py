"""Asks the mix of the function behind the route, and keeps how long each answer took until it was JSON."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from sqlalchemy import text

from api.v1.support.search import found_by
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.bench.searches.mix import Asked

LIMIT_MS = 50.0
PAGE = 20


@dataclass(frozen=True, slots=True)
class Timed:
    """The queries of a class. `unseen` counts those that did not find the order which they name alone.

    `times` are milliseconds until the answer; `processor` are those that this process and the server's worked on it.
    """

    name: str
    times: tuple[float, ...]
    processor: tuple[float, ...]
    empty: int
    unseen: int


def percentile(times: Sequence[float], percent: int) -> float:
    """The time that `percent` of a hundred keep within."""
    return quantiles(times, n=100, method="inclusive")[percent - 1]


async def ask_all(sessions: Sessions, parties: Parties, asked: Mapping[str, Sequence[Asked]]) -> list[Timed]:
    """The times of every class, the classes in turn, so that each meets the same state of the caches. The pool has one connection."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    processor: dict[str, list[float]] = {name: [] for name in asked}
    async with sessions.unscoped() as tx:
        server = Path(f"/proc/{(await tx.execute(text('select pg_backend_pid()'))).scalar_one()}/schedstat")
    empty, unseen = dict.fromkeys(asked, 0), dict.fromkeys(asked, 0)
    for turn in zip(*asked.values(), strict=True):
        for name, query in zip(asked, turn, strict=True):
            began, worked = time.perf_counter(), _worked(server)
            async with sessions.of(*query.stores) as tx:
                found = await found_by(tx, parties, "support", query.query, PAGE)
            found.model_dump_json()
            times[name].append((time.perf_counter() - began) * 1000)
            processor[name].append(_worked(server) - worked)
            empty[name] += not found.data
            unseen[name] += query.order is not None and query.order not in {each.id for each in found.data}
    return [
        Timed(name, tuple(times[name]), tuple(processor[name]), empty[name], unseen[name]) for name in asked
    ]


def _worked(server: Path) -> float:
    """The milliseconds that a processor worked for this process and for the server's, other programs and waiting left out."""
    return (time.process_time_ns() + int(server.read_text().split()[0])) / 1e6
