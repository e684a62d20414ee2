"""One transaction of a command on the database of the machine, or on the one that the settings name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg.errors import InsufficientPrivilege, UndefinedColumn, UndefinedTable
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.cli.connection import DataOption, Refused
from jalon.local.folder import MachineFolder
from jalon.persistence.sessions import Sessions

T = TypeVar("T")

DRIVER = "postgresql+psycopg://"


@contextmanager
def database_faults() -> Iterator[None]:
    """A block that uses a database. Raises Refused for what a person can mend: away, wrongly addressed, without schema or rights."""
    try:
        yield
    except ArgumentError:
        raise _unreadable() from None
    except (DBAPIError, psycopg.Error) as fault:
        refused = _refusal(fault.orig if isinstance(fault, DBAPIError) else fault)
        if refused is None:
            raise
        raise refused from None


def _refusal(fault: BaseException | None) -> Refused | None:
    said = " ".join(str(fault).split("\n")[0].split())
    match fault:
        case UndefinedTable() | UndefinedColumn():
            return Refused("the database lacks the schema of this release: run `jalon db upgrade`")
        case InsufficientPrivilege():
            return Refused(f"the role in the database's address may not do this ({said}): name another role")
        case psycopg.OperationalError():
            return Refused(
                f"the database does not answer ({said}): start it, with `jalon up` where it is this machine's, or mend its address"
            )
        case psycopg.ProgrammingError() if fault.sqlstate is None:
            return _unreadable()
    return None


def _unreadable() -> Refused:
    return Refused("the database's address cannot be read: write postgresql://user:password@host:5432/name")


def application_url(data: Path) -> str:
    """The database that the settings name, else that of the machine in the folder. Raises Refused where there is neither."""
    url = os.environ.get("JALON_DATABASE_URL") or MachineFolder(data).database_url
    if url is None:
        raise Refused(
            f"no machine was started in {data}: name a database in JALON_DATABASE_URL, or run `jalon up`"
        )
    return url.replace("postgresql://", DRIVER, 1)


def on_database(
    data: DataOption, work: Callable[[AsyncConnection], Awaitable[T]], stores: tuple[str, ...] = ()
) -> T:
    """The result of the work, in a transaction that sees these stores. Raises Refused where no database answers."""
    with database_faults():
        return asyncio.run(_in_transaction(application_url(data), work, stores))


async def _in_transaction(
    url: str, work: Callable[[AsyncConnection], Awaitable[T]], stores: tuple[str, ...]
) -> T:
    sessions = Sessions.connect(url)
    try:
        async with sessions.of(*stores) if stores else sessions.unscoped() as tx:
            return await work(tx)
    finally:
        await sessions.close()
