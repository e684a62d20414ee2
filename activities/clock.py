"""Advances a sandbox store's clock: delivers the earliest entry of the store, waits until everything has settled, and repeats."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from temporalio import activity

from activities.contracts.base import Done
from activities.contracts.clock import WALK, Walk
from activities.dispatching import Dispatcher, EngineUnreachable, EntityClosed
from jalon.integrations.payments.port import PaymentFault, PaymentProvider
from jalon.persistence.operations import clocks, stalled
from jalon.persistence.operations.clocks import DueEntity
from jalon.persistence.sessions import Sessions

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 2.0
"""The seconds after which the entities that an advance waits for are listed."""


class Clock:
    """Advances one store at a time, entry by entry. Safe to repeat, since an entity processes each entry once."""

    def __init__(
        self, sessions: Sessions, dispatcher: Dispatcher, providers: Mapping[str, PaymentProvider]
    ) -> None:
        self._sessions = sessions
        self._dispatcher = dispatcher
        self._providers = providers

    @activity.defn(name=WALK.name)
    async def walk(self, walk: Walk) -> Done:
        """Moves the clock to the target of its advance and delivers the entries that come due on the way."""
        stuck: list[str] = []
        delivered: DueEntity | None = None
        target = await self._target(walk)
        while target is not None:
            stuck += [each for each in await self._settle(walk.store) if each not in stuck]
            due = await self._next(walk.store, target, stuck, delivered)
            if due is None:
                break
            # An entity that did not process its entry is passed over; otherwise it would be sent the same instant for ever.
            if due == delivered or not await self._deliver(walk.store, due):
                stuck.append(due.id)
            delivered = due
            activity.heartbeat()
        async with self._sessions.of(walk.store) as tx:
            await clocks.note_unsettled(tx, walk.store, stuck)
            await clocks.end_advance(tx, walk.store, walk.advance)
        return Done()

    async def _target(self, walk: Walk) -> datetime | None:
        async with self._sessions.of(walk.store) as tx:
            clock = await clocks.read(tx, walk.store)
        return clock.advance_to if clock is not None and clock.advance_id == walk.advance else None

    async def _next(
        self, store: str, target: datetime, stuck: list[str], delivered: DueEntity | None
    ) -> DueEntity | None:
        """The entity that is due first. Moves the clock to its instant, unless the same entry was just delivered."""
        async with self._sessions.of(store) as tx:
            due = await clocks.next_due(tx, store, target, stuck)
            if due is not None and due != delivered:
                await clocks.move(tx, store, due.due_at, delivered=1)
        return due

    async def _deliver(self, store: str, due: DueEntity) -> bool:
        """Sends the instant to the entity. Returns whether it still has a run that could process its entry."""
        while True:
            try:
                await self._dispatcher.tick(due.kind, store, due.id, due.due_at)
            except EngineUnreachable:
                activity.heartbeat()
                if due.id in await self._failing(store):
                    return False
                await asyncio.sleep(0.5)
            except EntityClosed:
                return False
            else:
                return True

    async def _settle(self, store: str) -> list[str]:
        """Waits until no effect, receipt or provider event of the store is outstanding, but of entities that cannot go on.

        Returns those: an entity whose workflow task fails holds no clock.
        """
        since, listed, failing = time.monotonic(), False, list[str]()
        while True:
            outstanding = await self._outstanding(store)
            if outstanding and time.monotonic() - since > PATIENCE_SECONDS:
                failing = await self._failing(store)
                outstanding = [each for each in outstanding if each not in failing]
            if outstanding and time.monotonic() - since > PATIENCE_SECONDS:
                listed = True
                await self._note(store, outstanding)
            if not outstanding:
                if listed:
                    await self._note(store, [])
                return failing
            activity.heartbeat()
            await asyncio.sleep(POLL_SECONDS)

    async def _failing(self, store: str) -> list[str]:
        async with self._sessions.of(store) as tx:
            return await stalled.failing_workflow_tasks(tx, store)

    async def _note(self, store: str, unsettled: list[str]) -> None:
        async with self._sessions.of(store) as tx:
            await clocks.note_unsettled(tx, store, unsettled)

    async def _outstanding(self, store: str) -> list[str]:
        """The ids that are outstanding. Providers are asked before receipts are read, since a provider's event becomes a receipt."""
        async with self._sessions.of(store) as tx:
            found = await clocks.outstanding(tx, store)
            if found or not await clocks.waits_for_a_buyer(tx, store):
                return found
        found = await self._unreported(store)
        if found:
            return found
        async with self._sessions.of(store) as tx:
            return await clocks.outstanding(tx, store)

    async def _unreported(self, store: str) -> list[str]:
        """The providers with events about the store that they have not delivered yet. A provider out of reach counts as having none."""
        found = []
        for name, provider in self._providers.items():
            with suppress(PaymentFault):
                if await provider.unreported({"store": store}):
                    found.append(name)
        return found
