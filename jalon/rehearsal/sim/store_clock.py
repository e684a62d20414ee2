"""The test clock of a sandbox store: it advances from plan to plan, one due entry after the other."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jalon.rehearsal.sim.chance import Chance
from jalon.rehearsal.sim.kernel import DAY, SECOND, Kernel, Sleep, microseconds
from jalon.rehearsal.sim.modelled.database import Database, EntityRow

NEVER_RESTS = 60 * DAY
"""Work under way for longer than this counts as never resting."""
LOOK_AGAIN = 60 * SECOND
LAST_LOOK = 6 * DAY
"""Longer than the engine's longest absence: a run that was reset last has recorded its agenda by then."""
LONGEST_PAUSE = 600 * SECOND


@dataclass(frozen=True, slots=True)
class Due:
    """The entity whose agenda is due next, and when."""

    row: EntityRow
    at: datetime


class StoreClock:
    """The store's time, in microseconds since 1970. `asking` and `webhooks` count work under way outside the store."""

    def __init__(
        self,
        kernel: Kernel,
        chance: Chance,
        db: Database,
        tick: Callable[[str, str, datetime], Awaitable[bool]],
        asking: Callable[[], int],
        webhooks: Callable[[], int],
        marks: Callable[[str], None],
        violated: Callable[[str, str], None],
    ) -> None:
        self._kernel, self._chance, self._db, self._tick = kernel, chance, db, tick
        self._asking, self._webhooks, self._marks, self._violated = asking, webhooks, marks, violated
        self.now_us, self.advancing = kernel.now, False
        self._plans: list[tuple[int, int, Callable[[], None]]] = []
        self._planned = 0

    def plan(self, when_us: int, call: Callable[[], None]) -> None:
        """Calls when the clock reaches `when_us`; plans for one instant keep their order."""
        self._planned += 1
        heapq.heappush(self._plans, (when_us, self._planned, call))

    async def walk(self) -> None:
        """Advances from plan to plan until there is none and nothing becomes due for days; a reset run may still record its agenda."""
        looked = False
        while True:
            due = self._next_due([])
            plan_us = self._plans[0][0] if self._plans else None
            if plan_us is not None:
                await self._advance(plan_us)
            elif due is not None:
                await self._advance(microseconds(due.at))
            elif self._asking():
                await Sleep(LOOK_AGAIN)
                continue
            elif not looked:
                looked = True
                await Sleep(LAST_LOOK)
                continue
            else:
                return
            looked = False
            while self._plans and self._plans[0][0] <= self.now_us:
                heapq.heappop(self._plans)[2]()
            await self._answered()
            if plan_us is None and due is not None and self._is_next(due) and not await self._settle():
                return

    def _is_next(self, due: Due) -> bool:
        again = self._next_due([])
        return again is not None and again.row is due.row

    async def _answered(self) -> None:
        """Waits for the answers to open requests before the clock advances; not always, and not without limit."""
        patience, pause = self._chance.weighed("patience", {3: 1, 7200: 9}) * SECOND, SECOND
        until_us = self._kernel.now + patience
        while self._kernel.now < until_us:
            await Sleep(pause)
            if not self._asking():
                return
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _advance(self, to_us: int) -> None:
        """Moves the clock entry by entry; each entry settles before the next (DESIGN, Time)."""
        self.advancing, stuck = True, list[str]()
        while await self._settle():
            due = self._next_due(stuck)
            if due is None or microseconds(due.at) > to_us:
                break
            self.now_us = max(self.now_us, microseconds(due.at))
            if not await self._tick(due.row.kind, due.row.id, due.at):
                stuck.append(due.row.id)
                continue
            await self._settle()
            again = self._next_due([])
            if again is not None and (again.row.id, again.at) == (due.row.id, due.at):
                stuck.append(due.row.id)
        if stuck:
            self._marks("clock: an entity was passed over")
        self.now_us, self.advancing = max(self.now_us, to_us), False

    def _next_due(self, stuck: Sequence[str]) -> Due | None:
        rows = [row for row in self._db.entities.values() if row.id not in stuck]
        due = [Due(row, row.next_due_at) for row in rows if row.next_due_at is not None]
        return min(due, key=lambda each: (each.at, each.row.id), default=None)

    async def _settle(self) -> bool:
        """Waits until nothing of the store is under way. False when that never happens."""
        pause, since_us = 5_000, self._kernel.now
        while self._outstanding():
            if self._kernel.now - since_us > NEVER_RESTS:
                self._violated("rest", f"the clock waits for {sorted(self._outstanding())[:4]} for ever")
                return False
            await Sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return True

    def _outstanding(self) -> list[str]:
        busy = [row.id for row in self._db.entities.values() if row.busy]
        backlog = [receipt.entity for receipt in self._db.receipts.values() if receipt.state == "pending"]
        return busy or backlog or (["a webhook"] if self._webhooks() else [])
