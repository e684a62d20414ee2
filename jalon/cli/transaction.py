"""One transaction of a command on the database of the machine, or on the one that the settings name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.cli.connection import DataOption, Refused
from jalon.local.folder import MachineFolder
from jalon.persistence.sessions import Sessions

T = TypeVar("T")

DATABASE_AWAY = "the database does not answer: start it, with `jalon up` where it is this machine's"


def application_url(data: Path) -> str:
    """The database that the settings name, else that of the machine in the folder. Raises Refused where there is neither."""
    url = os.environ.get("JALON_DATABASE_URL") or MachineFolder(data).database_url
    if url is None:
        raise Refused(
            f"no machine was started in {data}: name a database in JALON_DATABASE_URL, or run `jalon up`"
        )
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def on_database(
    data: DataOption, work: Callable[[AsyncConnection], Awaitable[T]], stores: tuple[str, ...] = ()
) -> T:
    """The result of the work, in a transaction that sees these stores. Raises Refused where no database answers."""
    return asyncio.run(_in_transaction(application_url(data), work, stores))


async def _in_transaction(
    url: str, work: Callable[[AsyncConnection], Awaitable[T]], stores: tuple[str, ...]
) -> T:
    sessions = Sessions.connect(url)
    try:
        async with sessions.of(*stores) if stores else sessions.unscoped() as tx:
            return await work(tx)
    except OperationalError:
        raise Refused(DATABASE_AWAY) from None
    finally:
        await sessions.close()
