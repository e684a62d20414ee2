"""The database: whether it answers, its schema, its clock, and the keys that open the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from jalon.cli.checks.finding import PATIENCE, Finding, of_the_clock
from jalon.persistence import revision

_SCHEMA = "select version_num from alembic_version"
_KEYS = "select count(*) from api_key where revoked_at is null and role = 'admin'"


def of_the_database(url: str, way_out: str) -> Iterator[Finding]:
    """What the database at this address tells, as the role that the address names."""
    try:
        with psycopg.connect(
            url.replace("+psycopg", "", 1), connect_timeout=int(PATIENCE), autocommit=True
        ) as connection:
            connection.execute(f"set statement_timeout = {int(PATIENCE * 1000)}")
            yield from _of(connection)
    except psycopg.OperationalError as fault:
        yield Finding("database", f"does not answer: {_said(fault)}", way_out)
    except psycopg.ProgrammingError as fault:
        yield Finding(
            "database",
            f"the address cannot be read: {_said(fault)}",
            "write postgresql://user:password@host:5432/name",
        )


def _of(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    info = connection.info
    yield Finding("database", f"PostgreSQL {info.server_version // 10000} answers, as {info.user}")
    before = datetime.now(UTC)
    now = _one(connection, "select clock_timestamp()")
    half = before + (datetime.now(UTC) - before) / 2
    if isinstance(now, datetime):
        yield of_the_clock("database clock", (now - half).total_seconds(), "its clock")
    yield _schema(connection)


def _schema(connection: psycopg.Connection[tuple[object, ...]]) -> Finding:
    try:
        found = _one(connection, _SCHEMA)
    except UndefinedTable:
        return Finding("schema", "there is none", "run `jalon db upgrade`, as the owner of the database")
    except InsufficientPrivilege:
        return Finding("schema", "this role may not read it", "name the application's role in the address")
    newest = revision.newest()
    if found == newest:
        return Finding("schema", f"at {found}, the newest of this release")
    return Finding("schema", f"at {found}, this release has {newest}", "run `jalon db upgrade`")


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]


def _said(fault: psycopg.Error) -> str:
    return " ".join(str(fault).split("\n")[0].split())
