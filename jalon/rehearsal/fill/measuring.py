"""Measures every read on a filled database, with one store in scope and with many."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median, quantiles

from psycopg.errors import QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from jalon.domain.explained import Explained
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.fill.asking import Asked, Read, Sample, samples
from jalon.rehearsal.fill.book import STORES_AT_MOST, stores_named
from jalon.rehearsal.fill.reads import every_read

SLOW_SECONDS = 5.0
"""A read is repeated no longer than this, so that a slow one does not hold up the table."""

_SIZES = text(
    """select count(*) filter (where kind = 'order') as orders, count(*) as entities, count(distinct store_id) as stores
       from entity"""
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much a filled database holds."""

    orders: int
    entities: int
    stores: int


@dataclass(frozen=True, slots=True)
class Figure:
    """How long one read took, in milliseconds, with so many stores in scope."""

    read: str
    stores: int
    median_ms: float
    p95_ms: float
    bounded: bool
    limit_ms: float

    @property
    def ok(self) -> bool:
        """Whether the read keeps within its limit, or is only reported."""
        return not self.bounded or self.median_ms <= self.limit_ms


class TooFewOrders(Explained):
    """The database was filled with so little that there is nothing to ask for."""


class _UndoneError(Exception):
    """Rolls a repetition back: forgetting deletes, and what it deleted is to be there for the next one."""


class _TooLongError(Exception):
    """The statement time-out ended a read."""


async def size_of(sessions: Sessions) -> Size:
    """What `jalon db fill` wrote into this database; all noughts where it wrote nothing."""
    async with sessions.of(*stores_named(STORES_AT_MOST)) as tx:
        row = (await tx.execute(_SIZES)).one()
    return Size(row.orders, row.entities, row.stores)


async def measure(
    sessions: Sessions,
    parties: Parties,
    scopes: Sequence[int],
    repeats: int,
    report: Callable[[str], None] = lambda _read: None,
) -> list[Figure]:
    """The figures of every read, for the first store alone and so on; the first repetition is not counted."""
    found = []
    for many in scopes:
        stores = stores_named(many)
        async with sessions.of(*stores) as tx:
            asked_for = await samples(tx, repeats + 1)
        if not asked_for:
            raise TooFewOrders(
                f"no order of the {many} stores in scope has a subscription: fill a database with more orders"
            )
        for read in every_read():
            report(f"{read.name}, {many} stores in scope")
            times = await _timed(sessions, parties, read, stores, asked_for)
            p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            found.append(Figure(read.name, many, median(times), p95, read.bounded, read.limit_ms))
    return found


async def _timed(
    sessions: Sessions, parties: Parties, read: Read, stores: Sequence[str], asked_for: Sequence[Sample]
) -> list[float]:
    """The times of the repetitions. One that the statement time-out ends counts with that time, and is the last."""
    times: list[float] = []
    give_up_at = time.monotonic() + SLOW_SECONDS
    for sample in asked_for:
        began = time.perf_counter()
        with suppress(_UndoneError, _TooLongError):
            async with sessions.of(*stores) as tx:
                await _asked(read, Asked(tx, stores, parties, sample))
                raise _UndoneError
        times.append((time.perf_counter() - began) * 1000)
        if time.monotonic() > give_up_at:
            break
    return times[1:] or times


async def _asked(read: Read, asked: Asked) -> None:
    try:
        await read.ask(asked)
    except OperationalError as fault:
        if isinstance(fault.orig, QueryCanceled):
            raise _TooLongError from None
        raise
