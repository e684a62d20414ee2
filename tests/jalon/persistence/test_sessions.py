"""A transaction commits whole or not at all, however it ends, and leaves its connection clean for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from jalon.persistence.operations import stalled
from jalon.persistence.sessions import Sessions


@pytest.fixture
async def one(sessions: Sessions) -> AsyncIterator[Sessions]:
    """A pool of a single connection, so that each transaction uses the connection of the one before."""
    opened = Sessions.connect(sessions.engine.url.render_as_string(hide_password=False), pool_size=1)
    yield opened
    await opened.close()


async def left(one: Sessions, store: str) -> int:
    async with one.of(store) as tx:
        return len(await stalled.of_entity(tx, store))


async def write(one: Sessions, store: str, then: str = "select 1") -> None:
    async with one.of(store) as tx:
        await stalled.note(tx, store, store, "step", "KeyError")
        await tx.execute(text(then))


async def test_a_block_that_ends_well_is_kept(one: Sessions, here: str) -> None:
    await write(one, here)
    assert await left(one, here) == 1


async def raising(one: Sessions, store: str) -> None:
    async with one.of(store) as tx:
        await stalled.note(tx, store, store, "step", "KeyError")
        raise LookupError


async def test_a_block_that_raises_leaves_nothing(one: Sessions, here: str) -> None:
    with pytest.raises(LookupError):
        await raising(one, here)
    assert await left(one, here) == 0


@pytest.mark.parametrize(
    ("then", "fault"),
    [
        ("select nothing from nowhere", ProgrammingError),
        ("select pg_terminate_backend(pg_backend_pid())", OperationalError),
    ],
    ids=["statement", "connection"],
)
async def test_what_fails_takes_the_block_with_it(
    one: Sessions, here: str, then: str, fault: type[DBAPIError]
) -> None:
    with pytest.raises(fault):
        await write(one, here, then)
    assert await left(one, here) == 0


async def test_a_block_that_is_cancelled_leaves_nothing(one: Sessions, here: str) -> None:
    task = asyncio.create_task(write(one, here, "select pg_sleep(60)"))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await left(one, here) == 0


@pytest.mark.parametrize("name", ["a'b", "a\\", "a\\'; select 1; --"])
async def test_whatever_a_store_is_called_is_only_a_name(one: Sessions, name: str) -> None:
    async with one.of(name, "c") as tx:
        assert (await tx.execute(text("select current_setting('app.stores')"))).scalar_one() == f"{name},c"
