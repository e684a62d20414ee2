"""The relay delivers to every store, whatever does not answer in one of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from activities.dispatching import EngineUnreachable
from jalon.domain.kinds import ORDER
from jalon.inbox import relay as relay_module
from jalon.inbox.dispatch import CommandDispatcher
from jalon.inbox.relay import SLOTS_OF_A_STORE, Relay, RelayCounts
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.operations import clocks
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT
from tests.jalon.persistence.inbox.test_receipts import record, request


@dataclass
class Engine:
    """Accepts what is delivered, except to `silent` entities, whose attempts end as `fails` does."""

    fails: Callable[[Engine], Awaitable[None]]
    silent: set[str] = field(default_factory=set)
    attempts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    accepted: int = 0
    at_once: int = 0
    most_at_once: int = 0
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def advance(self, store: str, to: datetime, *, timeout: float) -> None:
        self.attempts[store].append(time.monotonic())
        async with self.news:
            self.news.notify_all()

    async def dispatch(self, receipts: Sequence[Receipt], *, live: bool, timeout: float, wait: bool) -> None:
        entity = receipts[0].entity
        self.attempts[entity].append(time.monotonic())
        accepts = entity not in self.silent
        self.accepted += accepts
        self.at_once += not accepts
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self.news:
            self.news.notify_all()
        if accepts:
            return
        await self.fails(self)
        self.at_once -= 1
        raise EngineUnreachable(entity)


async def never(_: Engine) -> None:
    await asyncio.Event().wait()


async def at_once(_: Engine) -> None:
    """The entity is refused without delay."""


async def while_others_get_through(engine: Engine) -> None:
    """More deliveries begin than the store has slots, so that one at least has ended."""
    enough = engine.accepted + SLOTS_OF_A_STORE
    async with engine.news:
        await engine.news.wait_for(lambda: engine.accepted >= enough)


@dataclass
class Resources:
    sessions: Sessions
    policies: Iterable[str]
    dispatcher: CommandDispatcher

    def is_live(self, store: str) -> bool:
        return False


class Uncounted:
    def swept(self) -> None: ...

    def delivered(self, outcome: str, receipts: int) -> None: ...


class Counted(Uncounted):
    """Counts what the relay could not read."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()

    def delivered(self, outcome: str, receipts: int) -> None:
        self.outcomes[outcome] += receipts


async def message(sessions: Sessions, store: str) -> str:
    """Records a message to a new entity of the store. Returns the entity."""
    entity = new_id(ORDER)
    assert await record(sessions, replace(request(store, entity), role="entity")) is not None
    return entity


async def relayed(
    sessions: Sessions,
    stores: Iterable[str],
    engine: Engine,
    until: Callable[[], bool],
    *others: Coroutine[Any, Any, None],
    counts: RelayCounts | None = None,
) -> None:
    """Runs a relay, and others beside it, until something is so. Fails after half a minute."""
    relay = Relay(Resources(sessions, stores, cast(Any, engine)), counts or Uncounted())
    running = [asyncio.create_task(each) for each in (relay.run(), *others)]
    try:
        async with asyncio.timeout(30):
            while not until():  # noqa: ASYNC110 (what is waited for is looked up in many places)
                await asyncio.sleep(0.02)
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


async def test_what_does_not_answer_in_one_store_holds_up_no_other(sessions: Sessions, here: str) -> None:
    other = f"{here}-other"
    engine = Engine(never, {await message(sessions, here) for _ in range(30)})
    heard = [await message(sessions, other)]

    async def once_the_slots_are_taken() -> None:
        async with engine.news:
            await engine.news.wait_for(lambda: engine.at_once >= SLOTS_OF_A_STORE)
        heard.append(await message(sessions, other))

    await relayed(
        sessions,
        (here, other),
        engine,
        lambda: len(heard) == 2 and engine.attempts.keys() >= set(heard),
        once_the_slots_are_taken(),
    )
    assert [len(engine.attempts[each]) for each in heard] == [1, 1]
    assert engine.most_at_once == SLOTS_OF_A_STORE


async def test_an_entity_that_does_not_answer_is_tried_less_and_less_often(
    sessions: Sessions, here: str
) -> None:
    silent = await message(sessions, here)
    engine = Engine(while_others_get_through, {silent})

    async def talk() -> None:
        while True:
            await message(sessions, here)
            await asyncio.sleep(0.05)

    await relayed(sessions, (here,), engine, lambda: len(engine.attempts[silent]) == 3, talk())
    first, second, third = engine.attempts[silent]
    assert second - first >= 1
    assert third - second >= 2


async def test_while_nothing_gets_through_nothing_waits_longer(
    sessions: Sessions, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SWEEP_SECONDS", 0.05)
    silent = {await message(sessions, here) for _ in range(3)}
    engine = Engine(at_once, silent)
    await relayed(sessions, (here,), engine, lambda: all(len(engine.attempts[each]) >= 5 for each in silent))
    pauses = 1 + 2 + 4 + 8
    assert all(attempts[4] - attempts[0] < pauses for attempts in engine.attempts.values())


BEYOND = "20000-01-01 00:00+00"
"""An instant that PostgreSQL keeps and Python cannot read."""


async def advancing(sessions: Sessions, store: str) -> None:
    """A test clock of the store that is on its way."""
    async with sessions.of(store) as tx:
        await clocks.create(tx, store, AT)
        await clocks.begin_advance(tx, store, "adv_1", AT + timedelta(days=1))


async def test_a_clock_that_cannot_be_read_stops_no_other_store(sessions: Sessions, here: str) -> None:
    other, third = f"{here}-other", f"{here}-third"
    for store in (here, other, third):
        await advancing(sessions, store)
    async with sessions.of(here, third) as tx:
        told = text("update test_clock set advance_to = cast(:at as timestamptz) where store_id = :store")
        await tx.execute(told, {"at": BEYOND, "store": here})
        lists = text("update test_clock set unsettled = '5' where store_id = :store")
        await tx.execute(lists, {"store": third})
    counts, engine = Counted(), Engine(never)
    heard = await message(sessions, here)

    def seen() -> bool:
        return bool(engine.attempts[other] and engine.attempts[heard]) and counts.outcomes["unreadable"] >= 2

    with capture_logs() as logs:
        await relayed(sessions, (here, other, third), engine, seen, counts=counts)
    assert not engine.attempts[here]
    assert {each["held_up"] for each in logs if each["event"] == "relay_cannot_read"} == {here, third}


async def test_a_receipt_that_cannot_be_read_stops_no_other_entity(sessions: Sessions, here: str) -> None:
    other = f"{here}-other"
    bad = await message(sessions, here)
    async with sessions.of(here) as tx:
        beside = text(
            """insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal,
                                    idempotency_key, fingerprint, received_at)
               values (:id, :store, 'order', :entity, 'line_settled', '5', 'sub', 'entity', 'sub', :id, '', cast(:at as timestamptz))"""
        )
        asked = {"id": new_id("receipt"), "store": here, "entity": bad, "at": BEYOND}
        await tx.execute(beside, asked)
    counts, engine = Counted(), Engine(never)
    heard = [await message(sessions, store) for store in (here, other)]

    def seen() -> bool:
        return all(engine.attempts[each] for each in heard) and counts.outcomes["unreadable"] >= 1

    with capture_logs() as logs:
        await relayed(sessions, (here, other), engine, seen, counts=counts)
    assert not engine.attempts[bad]
    assert {each["held_up"] for each in logs if each["event"] == "relay_cannot_read"} == {bad}


@pytest.mark.parametrize("turns", range(8))
async def test_it_ends_although_it_is_woken_as_it_is_cancelled(
    sessions: Sessions, here: str, turns: int
) -> None:
    """`turns` of the event loop lie between the wake and the cancellation."""
    relay = Relay(Resources(sessions, (here,), cast(Any, Engine(never))), Uncounted())
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.2)
    relay._wake.set()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=5)
    assert done == {running}
