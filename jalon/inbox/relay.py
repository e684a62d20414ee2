"""Dispatches pending receipts: messages between entities at once, deferred requests once Temporal is reachable again.

Any number of relays may run. A workflow applies each receipt once, in receipt order, whichever relay delivers it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
import structlog
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, SQLAlchemyError
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from activities.dispatching import EngineUnreachable, EntityClosed
from jalon.inbox.after_end import refuse_after_end
from jalon.inbox.dispatch import KindUnknown
from jalon.inbox.invariant_keeper import InvariantKeeper
from jalon.inbox.repairs import RepairStarter
from jalon.inbox.signed_heads import HeadKeeper
from jalon.inbox.task_watch import WatchResources, WorkflowTaskWatch
from jalon.integrations.audit_heads import HeadsFile
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import PATIENCE_SECONDS
from jalon.persistence.operations import clocks
from jalon.persistence.people import sign_ins

log = structlog.get_logger("jalon.relay")

SWEEP_SECONDS = 2.0
"""The longest delay, in seconds, that a missed notification causes."""
BATCH = 200
AT_ONCE = 200
SLOTS_OF_A_STORE = 8
"""The deliveries under way for one store, of AT_ONCE for all. A store whose entities do not answer leaves the slots of the others."""
LONGEST_PAUSE_SECONDS = 60.0
"""The pause after a failed delivery to an entity doubles from a second to this."""


class RelayResources(WatchResources, Protocol):
    """What the relay finds and dispatches receipts with, besides what the watch asks."""

    def is_live(self, store: str) -> bool: ...


class RelayCounts(Protocol):
    """Counts sweeps, and the results of deliveries."""

    def swept(self) -> None: ...
    def delivered(self, outcome: str, receipts: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Failing:
    """An entity to which deliveries fail: how many in a row, and until when the relay pauses, in monotonic seconds."""

    times: int
    until: float

    @classmethod
    def after(cls, former: Failing | None) -> Failing:
        """The state after one more failure."""
        times = 1 if former is None else former.times + 1
        return cls(times, time.monotonic() + min(2.0 ** (times - 1), LONGEST_PAUSE_SECONDS))


class Relay:
    """Sweeps the stores for undelivered receipts at each notification from PostgreSQL, and at least every SWEEP_SECONDS."""

    def __init__(
        self, resources: RelayResources, metrics: RelayCounts, heads: HeadsFile | None = None
    ) -> None:
        self._resources = resources
        self._heads = heads
        self._metrics = metrics
        self._wake = asyncio.Event()
        self._in_hand: dict[str, str] = {}
        self._again: set[str] = set()
        self._failing: dict[str, Failing] = {}
        self._got_through = 0.0
        self._advancing: set[str] = set()
        self._after = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Relays until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._resume_advances())
            tasks.create_task(self._forget())
            tasks.create_task(WorkflowTaskWatch(self._resources).run())
            tasks.create_task(RepairStarter(self._resources).run())
            keeper = InvariantKeeper(self._resources.sessions, tuple(self._resources.policies))
            tasks.create_task(keeper.run())
            if self._heads is not None:
                heads = HeadKeeper(self._resources.sessions, tuple(self._resources.policies), self._heads)
                tasks.create_task(heads.run())
            tasks.create_task(self._serve())

    async def _listen(self) -> None:
        while True:
            try:
                async for _ in self._resources.sessions.listen("jalon_receipts"):
                    self._wake.set()
            except psycopg.OperationalError:
                await asyncio.sleep(0.5)

    async def _serve(self) -> None:
        while True:
            try:
                await self._sweep()
            except SQLAlchemyError as error:
                log.warning("relay_database_fault", fault=type(error).__name__)
            # asyncio.wait_for of Python 3.11 loses a cancellation that comes together with the wake.
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._wake.wait()
            self._wake.clear()

    async def _sweep(self) -> None:
        async with self._resources.sessions.of(*self._resources.policies) as tx:
            waiting = await receipts.undelivered(tx, PATIENCE_SECONDS, BATCH, self._after)
        self._metrics.swept()
        # After a full batch the next sweep starts where it ended. Receipts that cannot be delivered never keep others waiting.
        self._after = waiting[-1].seq if len(waiting) == BATCH else 0
        for entity, store in {receipt.entity: receipt.store for receipt in waiting}.items():
            if entity in self._in_hand or self._busy(store):
                self._again.add(store)
            elif not self._pauses(entity):
                self._in_hand[entity] = store
                self._start(self._deliver(store, entity))

    def _busy(self, store: str) -> bool:
        return len(self._in_hand) >= AT_ONCE or self._under_way(store) >= SLOTS_OF_A_STORE

    def _under_way(self, store: str) -> int:
        return sum(each == store for each in self._in_hand.values())

    def _pauses(self, entity: str) -> bool:
        failing = self._failing.get(entity)
        return failing is not None and time.monotonic() < failing.until

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, store: str, entity: str) -> None:
        began = time.monotonic()
        try:
            await self._deliver_in_order(store, entity)
        except DataError as fault:
            self._broken(entity, store, fault)
        except (EngineUnreachable, KindUnknown, SQLAlchemyError) as fault:
            # While nothing gets through, the fault is not the entity's: all are tried again as soon as the engines are back.
            if isinstance(fault, KindUnknown) or self._got_through > began:
                self._failing[entity] = Failing.after(self._failing.get(entity))
            log.warning("relay_delivery_failed", store=store, entity=entity, fault=str(fault)[:80])
        except Exception as fault:  # noqa: BLE001 (whatever is wrong with one entity, the others go on)
            self._broken(entity, store, fault)
        else:
            self._got_through = time.monotonic()
            self._failing.pop(entity, None)
        finally:
            del self._in_hand[entity]
            # A sweep reads a whole batch, so that a backlog is not swept again after each delivery.
            if store in self._again and self._under_way(store) <= SLOTS_OF_A_STORE // 2:
                self._again.discard(store)
                self._wake.set()

    def _broken(self, held_up: str, store: str, fault: Exception) -> None:
        """Notes that an entity, or the clock of a store, is held up by what cannot be read or sent, and goes on with the others."""
        self._failing[held_up] = Failing.after(self._failing.get(held_up))
        log.error("relay_cannot_read", store=store, held_up=held_up, fault=type(fault).__name__)
        self._metrics.delivered("unreadable", 1)

    async def _deliver_in_order(self, store: str, entity: str) -> None:
        resources = self._resources
        async with resources.sessions.of(store) as tx:
            pending = await receipts.pending(tx, store, entity)
        if not pending:
            return
        try:
            await resources.dispatcher.dispatch(
                pending, live=resources.is_live(store), timeout=10, wait=False
            )
        except EngineUnreachable:
            self._metrics.delivered("failed", len(pending))
            raise
        except EntityClosed:
            async with resources.sessions.of(store) as tx:
                over = await refuse_after_end(tx, entity, pending)
            if not over:
                log.error("workflow_missing", store=store, entity=entity)  # noqa: TRY400
            self._metrics.delivered("closed" if over else "missing", len(pending))
        else:
            async with resources.sessions.of(store) as tx:
                await receipts.confirm(tx, pending)
            self._metrics.delivered("delivered", len(pending))

    async def _resume_advances(self) -> None:
        """Resumes advances that were recorded but not finished because Temporal or the API stopped."""
        while True:
            try:
                async with self._resources.sessions.of(*self._resources.policies) as tx:
                    advancing = await clocks.advancing(tx)
            except SQLAlchemyError as error:
                log.warning("relay_database_fault", fault=type(error).__name__)
                advancing = []
            for store in advancing:
                if store not in self._advancing and not self._pauses(store):
                    self._advancing.add(store)
                    self._start(self._advance(store))
            await asyncio.sleep(SWEEP_SECONDS)

    async def _advance(self, store: str) -> None:
        try:
            async with self._resources.sessions.of(store) as tx:
                clock = await clocks.read(tx, store)
            if clock is not None and clock.advance_to is not None:
                await self._resources.dispatcher.advance(store, clock.advance_to, timeout=60)
        except (RPCError, WorkflowFailureError, OperationalError, InterfaceError) as fault:
            log.warning("relay_advance_failed", store=store, fault=type(fault).__name__)
        except Exception as fault:  # noqa: BLE001 (whatever is wrong with one store's clock, the others go on)
            self._broken(store, store, fault)
        else:
            self._failing.pop(store, None)
        finally:
            self._advancing.discard(store)

    async def _forget(self) -> None:
        while True:
            try:
                async with self._resources.sessions.of(*self._resources.policies) as tx:
                    await receipts.forget_old(tx)
                    await sign_ins.forget(tx)
            except SQLAlchemyError as error:
                log.warning("relay_database_fault", fault=type(error).__name__)
            await asyncio.sleep(3600)
