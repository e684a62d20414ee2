"""The relay delivers to every store, whatever does not answer in one of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

from activities.dispatching import EngineUnreachable
from jalon.domain.kinds import ORDER
from jalon.inbox.dispatch import CommandDispatcher
from jalon.inbox.relay import SLOTS_OF_A_STORE, Relay
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.inbox.test_receipts import record, request


@dataclass
class Engine:
    """Accepts what is delivered, except to `silent` entities, which take `seconds` to say nothing."""

    silent: set[str]
    seconds: float
    tried: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0

    async def dispatch(self, receipts: Sequence[Receipt], *, live: bool, timeout: float, wait: bool) -> None:
        entity = receipts[0].entity
        self.tried[entity] += 1
        if entity in self.silent:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await asyncio.sleep(self.seconds)
            self.at_once -= 1
            raise EngineUnreachable(entity)


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


async def message(sessions: Sessions, store: str) -> str:
    """Records a message to a new entity of the store. Returns the entity."""
    entity = new_id(ORDER)
    assert await record(sessions, replace(request(store, entity), role="entity")) is not None
    return entity


async def relayed(sessions: Sessions, stores: Iterable[str], engine: Engine, seconds: float) -> None:
    """Runs a relay for so long."""
    relay = Relay(Resources(sessions, stores, cast(Any, engine)), Uncounted())
    with suppress(TimeoutError):
        await asyncio.wait_for(relay.run(), seconds)


async def test_what_does_not_answer_in_one_store_holds_up_no_other(sessions: Sessions, here: str) -> None:
    other = f"{here}-other"
    silent = {await message(sessions, here) for _ in range(30)}
    heard = await message(sessions, other)
    engine = Engine(silent, seconds=60)
    await relayed(sessions, (here, other), engine, 2)
    assert engine.tried[heard] == 1
    assert engine.most_at_once == SLOTS_OF_A_STORE


async def test_an_entity_that_does_not_answer_is_tried_less_and_less_often(
    sessions: Sessions, here: str
) -> None:
    silent, engine = await message(sessions, here), Engine(set(), seconds=0.05)
    engine.silent = {silent}

    async def others() -> None:
        while True:
            await message(sessions, here)
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(others())
    await relayed(sessions, (here,), engine, 4)
    talking.cancel()
    assert 2 <= engine.tried[silent] <= 4
    assert engine.tried.total() > 30


async def test_while_nothing_gets_through_nothing_waits_longer(sessions: Sessions, here: str) -> None:
    silent = [await message(sessions, here) for _ in range(3)]
    engine = Engine(set(silent), seconds=0)
    await relayed(sessions, (here,), engine, 5)
    assert min(engine.tried.values()) >= 3
