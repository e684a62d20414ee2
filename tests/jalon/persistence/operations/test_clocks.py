"""An advance of a test clock ends at once only where nothing is due up to its target and nothing is under way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jalon.persistence.entities import transitions
from jalon.persistence.operations import clocks
from jalon.persistence.operations.clocks import Ahead
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition
from tests.jalon.persistence.inbox.test_receipts import record, request

TO = AT + timedelta(days=1)
TICK = timedelta(microseconds=1)


async def ahead_of(sessions: Sessions, store: str) -> Ahead:
    async with sessions.of(store) as tx:
        await clocks.create(tx, store, AT)
        await clocks.begin_advance(tx, store, "adv_1", TO)
    async with sessions.of(store) as tx:
        ahead = await clocks.end_if_idle(tx, store, "adv_1")
        clock = await clocks.read(tx, store)
    assert clock is not None
    assert (clock.now, clock.advance_to) == ((TO, None) if ahead is Ahead.NOTHING else (AT, TO))
    return ahead


@pytest.mark.parametrize(
    ("next_due_at", "busy", "ahead"),
    [
        (None, False, Ahead.NOTHING),
        (TO + TICK, False, Ahead.NOTHING),
        (TO, False, Ahead.ENTRIES),
        (TO - TICK, False, Ahead.ENTRIES),
        (None, True, Ahead.EFFECTS),
        (TO + TICK, True, Ahead.EFFECTS),
        (TO, True, Ahead.ENTRIES),
    ],
    ids=["nothing", "due after", "due at", "due before", "busy", "busy, due after", "busy, due at"],
)
async def test_what_is_due_or_under_way_is_walked(
    sessions: Sessions, here: str, entity: str, next_due_at: datetime | None, busy: bool, ahead: Ahead
) -> None:
    async with sessions.of(here) as tx:
        await transitions.record(tx, transition(here, entity, 1, next_due_at=next_due_at, busy=busy))
    assert await ahead_of(sessions, here) is ahead


async def test_a_pending_receipt_is_waited_for(sessions: Sessions, here: str, entity: str) -> None:
    assert await record(sessions, request(here, entity)) is not None
    assert await ahead_of(sessions, here) is Ahead.EFFECTS


async def test_another_advance_is_left_alone(sessions: Sessions, here: str) -> None:
    async with sessions.of(here) as tx:
        await clocks.create(tx, here, AT)
        await clocks.begin_advance(tx, here, "adv_2", TO)
        assert await clocks.end_if_idle(tx, here, "adv_1") is Ahead.NOTHING
        clock = await clocks.read(tx, here)
    assert clock is not None
    assert (clock.now, clock.advance_to) == (AT, TO)
