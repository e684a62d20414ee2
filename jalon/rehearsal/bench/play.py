"""One run: a warm-up, rounds in which the ways alternate, then the costs and the comparison."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from psycopg import AsyncConnection
from temporalio.client import Client

from jalon.bootstrap import Installation, Resources, open_resources
from jalon.rehearsal.bench.agreement import compare, left_behind
from jalon.rehearsal.bench.figures import Figures, WayFigures
from jalon.rehearsal.bench.histories import NOTHING, cost_of
from jalon.rehearsal.bench.load import Block, Watch, run_block, watching
from jalon.rehearsal.bench.processor import Meter, per_order
from jalon.rehearsal.bench.renewal import cost_of_a_term
from jalon.rehearsal.bench.stage import STORE, Stage
from jalon.rehearsal.bench.statements import Statements
from jalon.rehearsal.bench.ways import Bought, PlainWay, SpineWay, Way

SAMPLED = 8
_PLACED = """/* bench */ select entity_id, extract(epoch from recorded_at)::float8 from transition
    where entity_id = any(%s) and seq = 2"""


@dataclass(frozen=True)
class Plan:
    """The plan of a run: `orders` of each way in all, in `rounds`. No round begins after `seconds`."""

    orders: int = 300
    concurrency: int = 20
    rounds: int = 5
    seconds: float = 360.0
    renewal: bool = True

    @property
    def orders_of_a_block(self) -> int:
        """The orders of one block, at least one."""
        return max(1, self.orders // self.rounds)


class Play:
    """Runs the plan and gathers the figures."""

    def __init__(
        self, stage: Stage, resources: Resources, watch: Watch, plan: Plan, report: Callable[[str], None]
    ) -> None:
        self._stage = stage
        self._client: Client = resources.dispatcher.client
        self._watch = watch
        self._plan = plan
        self._tell = report
        self._statements = Statements(stage.superuser)
        self._ways: list[Way] = [
            SpineWay(resources, STORE),
            PlainWay(resources, self._client, STORE, bundled=False),
            PlainWay(resources, self._client, STORE, bundled=True),
        ]
        self._figures = {way.name: WayFigures(way.name) for way in self._ways}
        self.bought: list[Bought] = []

    async def run(self) -> Figures:
        """Runs the whole plan."""
        for way in self._ways:
            block = await self._block(way, self._plan.concurrency)
            self._tell(f"warm-up, {way.name}: {block.orders_per_second:.1f} orders/s")
        began = time.monotonic()
        for number in range(self._plan.rounds):
            if time.monotonic() - began > self._plan.seconds and number:
                break
            # The order of the ways alternates, so that no way always follows the same one.
            for way in self._ways if number % 2 == 0 else self._ways[::-1]:
                await self._measured(way, number)
        for way in self._ways:
            await self._cost(way)
        left = await left_behind(
            self._stage.superuser,
            STORE,
            self._stage.machine.urls["mailbox"],
            self._stage.machine.urls["payments"],
            self.bought,
        )
        figures = [self._figures[way.name] for way in self._ways]
        return Figures(figures, self._plan.orders, self._plan.concurrency, compare(left, self.bought))

    async def _block(self, way: Way, orders: int) -> Block:
        block = await run_block(
            self._client, way, self._watch, orders=orders, concurrency=self._plan.concurrency
        )
        self.bought += block.bought
        return block

    async def _measured(self, way: Way, number: int) -> None:
        orders, figures = self._plan.orders_of_a_block, self._figures[way.name]
        await self._statements.since_last()
        meter = Meter(self._stage)
        block = await self._block(way, orders)
        figures.processor_ms.append(per_order(meter.spent(), orders))
        figures.statements.append(await self._statements.since_last() / orders)
        figures.orders_per_second.append(block.orders_per_second)
        figures.starts += block.starts
        figures.places += await self._places(block.bought)
        self._tell(f"round {number + 1}, {way.name}: {block.orders_per_second:.1f} orders/s")

    async def _places(self, bought: Sequence[Bought]) -> list[float]:
        """Seconds from placing to the answer. Where there was no answer, to the commit, by the clock of the same host."""
        async with await AsyncConnection.connect(self._stage.superuser, autocommit=True) as connection:
            cursor = await connection.execute(_PLACED, [[one.id for one in bought]])
            recorded: dict[str, float] = dict(await cursor.fetchall())
        return [one.place_seconds or recorded[one.id] - one.placed_unix for one in bought]

    async def _cost(self, way: Way) -> None:
        prefix = "" if way.name == "spine" else "plain-"
        total = NOTHING
        sample = [one for one in self.bought if one.way == way.name][-SAMPLED:]
        for one in sample:
            total += await cost_of(self._client, f"{prefix}order/{STORE}/{one.id}")
            total += await cost_of(self._client, f"{prefix}subscription/{STORE}/{one.subscription}")
        figures = self._figures[way.name]
        figures.cost, figures.sampled = total, len(sample)


async def play(stage: Stage, plan: Plan, report: Callable[[str], None]) -> Figures:
    """Runs the plan on the stage. A subscription with terms of seconds renews beside the rounds."""
    async with open_resources(Installation.read()) as resources, watching(stage.superuser) as watch:
        client = resources.dispatcher.client
        renewal = asyncio.create_task(cost_of_a_term(resources, client, watch)) if plan.renewal else None
        figures = await Play(stage, resources, watch, plan, report).run()
        if renewal is not None:
            report("waiting for the subscription of seconds to renew")
            figures.renewal = await renewal
        return figures
