"""The feed lists every event once, and no event behind one that a reader has seen, even if it was committed later."""

from __future__ import annotations

from sqlalchemy import text

from jalon.persistence.entities import outbox
from jalon.persistence.sessions import Sessions

WRITE = text(
    """insert into outbox (store_id, entity_id, type, at, data)
       values (:store, 'ord_x', :type, clock_timestamp(), '{}') returning id"""
)


async def seen(sessions: Sessions, store: str, after: int = 0) -> list[str]:
    """The types of the store's events."""
    async with sessions.of(store) as tx:
        return [event.type for event in await outbox.since(tx, [store], after, 100)]


async def test_an_event_waits_for_those_drawn_before_it(sessions: Sessions, here: str) -> None:
    async with sessions.of(here) as slow:
        await slow.execute(WRITE, {"store": here, "type": "first"})
        async with sessions.of(here) as fast:
            await fast.execute(WRITE, {"store": here, "type": "second"})
        assert await seen(sessions, here) == []
    assert await seen(sessions, here) == ["first", "second"]


async def test_a_reader_goes_on_after_the_last_one_it_saw(sessions: Sessions, here: str) -> None:
    async with sessions.of(here) as tx:
        first = (await tx.execute(WRITE, {"store": here, "type": "first"})).scalar_one()
        await tx.execute(WRITE, {"store": here, "type": "second"})
    assert await seen(sessions, here, after=first) == ["second"]
    async with sessions.of(here) as tx:
        assert await outbox.last(tx, here) > first


async def test_another_stores_events_are_not_in_it(sessions: Sessions, here: str) -> None:
    async with sessions.of(f"{here}-b") as tx:
        await tx.execute(WRITE, {"store": f"{here}-b", "type": "theirs"})
    assert await seen(sessions, here) == []


async def test_of_a_settled_store_every_event_is_there_whatever_others_write(
    sessions: Sessions, here: str
) -> None:
    async with sessions.of(f"{here}-b") as slow:
        await slow.execute(WRITE, {"store": f"{here}-b", "type": "theirs"})
        async with sessions.of(here) as tx:
            await tx.execute(WRITE, {"store": here, "type": "ours"})
        async with sessions.of(here) as tx:
            found = await outbox.since(tx, [here], 0, 100, settled=True)
        assert [event.type for event in found] == ["ours"]
        assert await seen(sessions, here) == []
