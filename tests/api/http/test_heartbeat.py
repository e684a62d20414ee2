"""A silence of every API process is recorded once, as an outage, by the first heartbeat after it (G7)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from jalon.local.machine import Machine
from jalon.persistence.operations import outages
from jalon.persistence.sessions import Sessions


@pytest.fixture
async def sessions(postgres: Machine, owner: Sessions) -> AsyncIterator[Sessions]:
    """The database, with no heartbeat and no outage in it."""
    opened = Sessions.connect(postgres.environment["JALON_DATABASE_URL"])
    async with owner.unscoped() as tx:
        await tx.execute(text("delete from api_heartbeat"))
        await tx.execute(text("delete from outage"))
    yield opened
    await opened.close()


async def silent_for(sessions: Sessions, process: str, seconds: float) -> None:
    """Sets the process's last heartbeat this many seconds back."""
    async with sessions.unscoped() as tx:
        move = "update api_heartbeat set seen_at = clock_timestamp() - make_interval(secs => :secs) where process = :process"
        await tx.execute(text(move), {"secs": seconds, "process": process})


async def beat(sessions: Sessions, process: str) -> bool:
    async with sessions.unscoped() as tx:
        return await outages.beat(tx, process)


@pytest.mark.rule("G7")
async def test_only_a_silence_of_all_processes_over_5_minutes_is_an_outage(sessions: Sessions) -> None:
    assert not await beat(sessions, "a")
    assert not await beat(sessions, "b")
    await silent_for(sessions, "a", 3600)
    assert not await beat(sessions, "a")
    await silent_for(sessions, "a", 299)
    await silent_for(sessions, "b", 3600)
    assert not await beat(sessions, "c")


@pytest.mark.rule("G7")
async def test_an_outage_lasts_from_the_last_beat_to_the_next_and_is_written_once(sessions: Sessions) -> None:
    await beat(sessions, "a")
    await beat(sessions, "b")
    await silent_for(sessions, "a", 7200)
    await silent_for(sessions, "b", 600)
    assert [await beat(sessions, "b"), await beat(sessions, "a")] == [True, False]
    async with sessions.unscoped() as tx:
        (found,) = await outages.list_outages(tx, 10)
    assert (found.store, found.source) == (None, "heartbeat")
    assert 599 < (found.ended_at - found.started_at).total_seconds() < 620
