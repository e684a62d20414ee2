"""Writes a book into a database by COPY, in one transaction of the caller."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from itertools import islice
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from jalon.persistence.people.vault import Vault
from jalon.rehearsal.fill.book import Book
from jalon.rehearsal.fill.rows import COLUMNS, Row, Rows

BATCH = 2_000
_SEARCH_INDEXES = "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = 'search_text' order by indexname"
_TEXTS_OF_ENTITIES = """insert into search_text (store_id, subject, field, key, whole, since)
    select e.store_id, e.id, t.field, t.key, t.whole, e.created_at from entity e cross join lateral entity_texts(e) t
    union all
    select store_id, entity_id, 'payment', folded_number(reference), true, at from payment where reference is not null"""


async def write(
    connection: psycopg.AsyncConnection[object],
    book: Book,
    vault: Vault,
    report: Callable[[int], None] = lambda _orders: None,
    tables: Collection[str] = COLUMNS.keys(),
) -> None:
    """Copies the rows of these tables, some thousand orders at a time; reports how many orders are there.

    COPY cannot write where row security holds, so the rows go through tables of the session, and the policies check each of them.
    """
    rows = Rows(book, vault, tables)
    wanted = [table for table in COLUMNS if table in tables]
    await connection.execute(SQL("set local app.stores = {}").format(Literal(",".join(book.names))))
    for table in wanted:
        await connection.execute(
            SQL("create temporary table {} on commit drop as select {} from {} with no data").format(
                Identifier(_staged(table)), _columns(table), Identifier(table)
            )
        )
    dropped = await _without_search(connection) if "search_text" in tables else []
    lives, done = book.lives(), 0
    while batch := list(islice(lives, BATCH)):
        made: dict[str, list[Row]] = defaultdict(list)
        for life in batch:
            for table, row in rows.of(life):
                made[table].append(row)
        for table in wanted:
            await _copy(connection, table, made[table])
        done += len(batch)
        report(done)
    if dropped:
        await connection.execute(_TEXTS_OF_ENTITIES)
        for statement in dropped:
            await connection.execute(statement)


async def _without_search(connection: psycopg.AsyncConnection[Any]) -> list[LiteralString]:
    """Drops the indexes of the searched text and keeps triggers from writing it row by row. Returns what makes all of it again."""
    made = await (await connection.execute(_SEARCH_INDEXES)).fetchall()
    for name, _ in made:
        await connection.execute(SQL("drop index {}").format(Identifier(name)))
    await connection.execute("alter table entity disable trigger search_new_entity")
    await connection.execute("alter table payment disable trigger search_new_payment")
    return [
        *(statement for _, statement in made),
        "alter table entity enable trigger search_new_entity",
        "alter table payment enable trigger search_new_payment",
    ]


async def _copy(connection: psycopg.AsyncConnection[object], table: str, rows: list[Row]) -> None:
    staged, columns = Identifier(_staged(table)), _columns(table)
    async with connection.cursor() as cursor:
        async with cursor.copy(SQL("copy {} ({}) from stdin").format(staged, columns)) as copying:
            for row in rows:
                await copying.write_row(row)
        insert = SQL("insert into {} ({}) select * from {}").format(Identifier(table), columns, staged)
        await cursor.execute(insert)
        await cursor.execute(SQL("truncate {}").format(staged))


def _staged(table: str) -> str:
    return f"filling_{table}"


def _columns(table: str) -> SQL:
    return SQL(", ").join(map(Identifier, COLUMNS[table]))  # type: ignore[return-value]
