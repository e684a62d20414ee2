"""Starts the workflows of repairs in bulk, and tells them of changes that their API process could not."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from activities.dispatching import EngineUnreachable
from jalon.inbox.task_watch import WatchResources
from jalon.persistence.repairs import jobs

log = structlog.get_logger("jalon.relay")

LOOK_SECONDS = 5.0


class RepairStarter:
    """Looks for repairs whose workflow does not know yet how they stand."""

    def __init__(self, resources: WatchResources) -> None:
        self._resources = resources

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except (SQLAlchemyError, EngineUnreachable) as fault:
                log.warning("repairs_not_started", fault=type(fault).__name__)

    async def _look(self) -> None:
        async with self._resources.sessions.of(*self._resources.policies) as tx:
            waiting = await jobs.unengaged(tx)
        for repair, stores, name in waiting:
            await self._resources.dispatcher.engage_repair(repair, name, stores)
            async with self._resources.sessions.of(*stores) as tx:
                await jobs.note_engaged(tx, repair)
