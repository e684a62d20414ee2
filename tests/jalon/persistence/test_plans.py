"""No read goes through every row of a table that grows, for one store in scope and for many.

The rows and the reads are those of `jalon db fill` and `jalon db measure`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.inbox import receipts
from jalon.persistence.operations import searching
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.fill.asking import Asked, Read, samples
from jalon.rehearsal.fill.book import Book
from jalon.rehearsal.fill.filling import PARTIES, VAULT
from jalon.rehearsal.fill.reads import every_read
from jalon.rehearsal.fill.watched import CAUSES
from jalon.rehearsal.fill.writing import write

pytestmark = pytest.mark.timeout(300)
BOOK = Book(10_000, 200, datetime.now(UTC))
FILLED = ("entity", "party", "search_text", "receipt", "mail", "payment", "stalled")
LOOKED_AT_MOST = 1_000
"""The rows that one part of a plan may look at, of some twenty thousand entities and four times as many receipts."""
TEXTS_AT_MOST = 5_000
"""The texts that one search may look at, of some hundred thousand: so many where very many bear one in each of two hundred stores."""
PLANS_ARE_KEPT_FROM = 7
"""After five calls a function keeps a plan that fits any text."""
SCOPES = {"a large store": BOOK.names[:1], "a small store": BOOK.names[-1:], "all stores": BOOK.names}
READING = ("select", "with", "(")
READS = {read.name: read for read in every_read() if read.bounded}


class UndoneError(Exception):
    """Rolls the rows of this file back."""


@pytest.fixture(scope="module")
async def filled(owner: Sessions) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees some twenty thousand entities, and leaves nothing behind."""
    with suppress(UndoneError):
        async with owner.of(*BOOK.names) as tx:
            raw = (await tx.get_raw_connection()).driver_connection
            assert isinstance(raw, psycopg.AsyncConnection)
            await write(raw, BOOK, VAULT, tables=FILLED)
            for table in FILLED:
                await tx.execute(text(f"analyze {table}"))
            yield tx
            raise UndoneError


async def _asked(tx: AsyncConnection, stores: Sequence[str]) -> Asked:
    await tx.execute(text(f"set local app.stores = '{','.join(stores)}'"))
    (sample,) = await samples(tx, 1)
    return Asked(tx, stores, PARTIES, sample)


@contextmanager
def _said(tx: AsyncConnection) -> Iterator[list[tuple[str, Any]]]:
    """The statements of the block with their parameters, as the driver gets them."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        statements.append((statement, parameters))

    event.listen(tx.sync_connection, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(tx.sync_connection, "before_cursor_execute", note)


async def _plan(tx: AsyncConnection, statement: str, parameters: Any) -> dict[str, Any]:
    """The plan of the statement with what each of its nodes did."""
    raw = (await tx.get_raw_connection()).driver_connection
    assert isinstance(raw, psycopg.AsyncConnection)
    rows = await raw.execute(f"explain (analyze, timing off, format json) {statement}", parameters)
    ((plans,),) = await rows.fetchall()
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan


async def _plans(tx: AsyncConnection, read: Read, stores: Sequence[str]) -> list[dict[str, Any]]:
    """The plan of each statement that the read asks."""
    asked = await _asked(tx, stores)
    attempt = await tx.begin_nested()
    with _said(tx) as statements:
        await read.ask(asked)
    plans = [await _plan(tx, *each) for each in statements if each[0].lstrip().startswith(READING)]
    await attempt.rollback()
    return plans


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Each scan by what it scans, with the rows that it looked at."""
    name = plan.get("Index Name") or plan.get("Relation Name")
    if "Scan" in plan["Node Type"] and name is not None:
        looked = sum(
            plan.get(key, 0)
            for key in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        )
        yield name, looked * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


@pytest.mark.parametrize("stores", SCOPES.values(), ids=SCOPES.keys())
@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
async def test_no_read_goes_through_every_row(
    filled: AsyncConnection, read: Read, stores: Sequence[str]
) -> None:
    plans = await _plans(filled, read, stores)
    assert plans
    for plan in plans:
        assert [scan for scan in _scans(plan) if scan[1] > LOOKED_AT_MOST] == []


async def test_a_page_of_causes_reads_what_is_parked_once(filled: AsyncConnection) -> None:
    plans = await _plans(filled, CAUSES, BOOK.names)
    parked = sum(life.parked for life in BOOK.lives())
    looked = [scan for plan in plans for scan in _scans(plan) if scan[0].startswith("parked_step")]
    assert sum(rows for _, rows in looked) == parked > BOOK.orders / 100


SEARCHES = {
    "exact": "FIL-0000777",
    "common": "etudes lefevre",
    "common word": "lefevre",
    "common beginning": "lefev",
    "common part": "tudeslef",
    "rare part": "ample.com",
    "part of an id": "0000077",
    "typo": "etudes lefevrre",
    "typo of a number": "FIL-00a0777",
    "short": "et",
    "three letters": "lef",
    "nothing": "no such text",
}
_LOOKED = text(
    "select seq_scan, idx_tup_fetch from pg_stat_xact_user_tables where relname = 'search_text' and pg_stat_clear_snapshot() is not null"
)


@pytest.mark.parametrize("stores", SCOPES.values(), ids=SCOPES.keys())
@pytest.mark.parametrize("query", SEARCHES.values(), ids=SEARCHES.keys())
async def test_no_search_goes_through_every_text(
    filled: AsyncConnection, query: str, stores: Sequence[str]
) -> None:
    """The plans inside a function cannot be seen; what they looked at is counted."""
    await _asked(filled, stores)
    before = (await filled.execute(_LOOKED)).one()
    for _ in range(PLANS_ARE_KEPT_FROM):
        await searching.search(filled, query, 20)
    after = (await filled.execute(_LOOKED)).one()
    assert after.seq_scan == before.seq_scan
    assert (after.idx_tup_fetch - before.idx_tup_fetch) / PLANS_ARE_KEPT_FROM <= TEXTS_AT_MOST


async def test_forgetting_goes_by_the_age_of_receipts(filled: AsyncConnection) -> None:
    """The function's own deletion, as the owner on whose role it runs."""
    await _asked(filled, BOOK.names)
    body = (
        await filled.execute(text("select prosrc from pg_proc where proname = 'forget_receipts'"))
    ).scalar_one()
    deletion = re.search(r"delete from receipt.*?interval '30 days'", body, re.DOTALL)
    assert deletion is not None, body
    attempt = await filled.begin_nested()
    plan = await _plan(filled, deletion[0], None)
    await attempt.rollback()
    ((index, looked),) = _scans(plan["Plans"][0])
    assert (index, looked < LOOKED_AT_MOST) == ("receipt_age", True)
    forgotten = await receipts.forget_old(filled)
    assert 0 < forgotten < BOOK.orders / 20


async def test_the_rows_are_there_to_be_read(filled: AsyncConnection) -> None:
    await _asked(filled, BOOK.names)
    counted = text("select count(*) filter (where kind = 'order'), count(*) from entity")
    orders, entities = (await filled.execute(counted)).one()
    assert orders == BOOK.orders
    assert entities > 1.9 * BOOK.orders
