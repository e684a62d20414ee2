"""Runs orders through a way, with a fixed concurrency, and measures the times."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from psycopg import AsyncConnection
from temporalio.client import Client

from jalon.rehearsal.bench.stage import PLAIN_QUEUE
from jalon.rehearsal.bench.ways import STEPS, Bought, Way, new_order

POLL_SECONDS = 0.04
ORDER_WITHIN = 180.0
MAILS_OF_AN_ORDER = 3
NOT_THERE = ("", 0, 0)
_FACTS = (
    "/* bench */ select e.id, e.status, e.seq, (select count(*) from mail m where m.entity_id = e.id and m.state = 'accepted') "
    "from entity e where e.id = any(%s)"
)
_numbers = count(1)


class OrderStuck(Exception):
    """An order did not end in time; the text holds its present rows."""


@dataclass
class Block:
    """One block of orders of one way. `starts` are the seconds of bare workflow starts during the block."""

    way: str
    seconds: float = 0.0
    bought: list[Bought] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    @property
    def orders_per_second(self) -> float:
        """The rate from the start of the first order to the end of the last one."""
        return len(self.bought) / self.seconds


class Watch:
    """Reads the state of every order under way in one statement, for all waiting tasks."""

    def __init__(self, connection: AsyncConnection[tuple[str, str, int, int]]) -> None:
        self._connection = connection
        self._facts: dict[str, tuple[str, int, int]] = {}
        self._wanted: set[str] = set()
        self._looked = asyncio.Event()

    async def run(self) -> None:
        """Reads until cancelled."""
        while True:
            if self._wanted:
                cursor = await self._connection.execute(_FACTS, [sorted(self._wanted)])
                for entity, status, step, mails in await cursor.fetchall():
                    self._facts[entity] = (status, step, mails)
            self._looked.set()
            self._looked.clear()
            await asyncio.sleep(POLL_SECONDS)

    async def recorded(self, bought: Bought, entity: str, step: int) -> None:
        """Returns when the projection shows the `step`-th step of the entity."""
        await self._until(bought, lambda: self._facts.get(entity, NOT_THERE)[1] >= step)

    async def ended(self, bought: Bought) -> None:
        """Returns when the order is completed, its subscription active and every mail accepted."""

        def over() -> bool:
            order = self._facts.get(bought.id, NOT_THERE)
            subscription = self._facts.get(bought.subscription, NOT_THERE)
            states = (order[0], subscription[0])
            return states == ("completed", "active") and order[2] + subscription[2] >= MAILS_OF_AN_ORDER

        await self._until(bought, over)

    async def _until(self, bought: Bought, reached: Callable[[], bool]) -> None:
        self._wanted |= {bought.id, bought.subscription}
        deadline = time.monotonic() + ORDER_WITHIN
        try:
            while not reached():
                if time.monotonic() > deadline:
                    facts = [self._facts.get(one) for one in (bought.id, bought.subscription)]
                    raise OrderStuck(f"{bought.way} {bought.id}: {facts}")
                await self._looked.wait()
        finally:
            self._wanted -= {bought.id, bought.subscription}


@asynccontextmanager
async def watching(superuser: str) -> AsyncIterator[Watch]:
    """A watch on a connection of its own, apart from the application's."""
    async with await AsyncConnection.connect(superuser, autocommit=True) as connection:
        watch = Watch(connection)
        task = asyncio.create_task(watch.run())
        try:
            yield watch
        finally:
            task.cancel()


async def run_block(client: Client, way: Way, watch: Watch, *, orders: int, concurrency: int) -> Block:
    """Runs `orders` orders by `way`, at most `concurrency` at a time, with bare starts beside them."""
    block, slots = Block(way.name), asyncio.Semaphore(concurrency)

    async def one() -> None:
        async with slots:
            block.bought.append(await buy(way, watch))

    probe = asyncio.create_task(_bare_starts(client, block.starts))
    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(orders):
                tasks.create_task(one())
    finally:
        probe.cancel()
    block.seconds = time.perf_counter() - began
    return block


async def buy(way: Way, watch: Watch) -> Bought:
    """Runs one order from cart to active. In both ways the buyer sees each step recorded before the next."""
    bought = new_order(way.name, next(_numbers))
    await way.open(bought)
    await watch.recorded(bought, bought.id, 1)
    await way.place(bought)
    await watch.recorded(bought, bought.subscription, 1)
    for number, step in enumerate(STEPS, start=2):
        await way.step(bought, step)
        await watch.recorded(bought, bought.subscription, number)
    await watch.ended(bought)
    bought.ended = time.perf_counter()
    return bought


async def _bare_starts(client: Client, seconds: list[float], every: float = 0.1) -> None:
    """Starts a bare workflow ten times a second, under the load of the block."""
    while True:
        await asyncio.sleep(every)
        number = next(_numbers)
        began = time.perf_counter()
        await client.start_workflow("Bare", id=f"bare/{number}", task_queue=PLAIN_QUEUE)
        seconds.append(time.perf_counter() - began)
