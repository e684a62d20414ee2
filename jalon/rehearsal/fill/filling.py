"""Fills an empty database. One that holds orders, or held some, is refused: nobody's real orders get made-up neighbours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.errors import UndefinedTable
from psycopg.sql import SQL, Identifier

from jalon.domain.explained import Explained
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.rehearsal.fill.book import Book
from jalon.rehearsal.fill.rows import COLUMNS
from jalon.rehearsal.fill.writing import write

MASTER = b"made-up people are no secret: 32"
VAULT = Vault(MASTER)
"""The people of a filled database are made up, so their values are sealed under a key that everybody knows."""
PARTIES = Parties(VAULT)


class NotFillable(Explained):
    """The database cannot be filled; the text says why, and what can be."""


async def fill(owner_url: str, orders: int, stores: int, report: Callable[[int], None]) -> None:
    """Writes a book of so many orders as the schema's owner, all or nothing. Raises NotFillable, psycopg.Error."""
    book = Book(orders, stores, datetime.now(UTC))
    async with await psycopg.AsyncConnection.connect(owner_url, connect_timeout=3) as connection:
        await _check_is_empty(connection)
        await write(connection, book, VAULT, report)
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:
        for table in COLUMNS:
            await connection.execute(SQL("vacuum analyze {}").format(Identifier(table)))


async def _check_is_empty(connection: psycopg.AsyncConnection[Any]) -> None:
    """Row security hides from the owner too whose rows there are. A table's size shows whether there were any."""
    try:
        answer = await connection.execute("select pg_relation_size('entity')")
    except UndefinedTable:
        raise NotFillable("the database has no schema yet: run `jalon db upgrade` first") from None
    size = await answer.fetchone()
    if size is None or size[0] > 0:
        raise NotFillable(
            "this database holds orders, or held some, and only an empty one is filled. Start one in a new folder with "
            "`jalon up --data FOLDER`, then run `jalon db fill --data FOLDER`"
        )
