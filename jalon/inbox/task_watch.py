"""Finds entities whose workflow task fails again and again, so that operators see what no step can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from jalon.inbox.dispatch import CommandDispatcher, workflow_id
from jalon.integrations.temporal.workflow_tasks import failing_task
from jalon.persistence.operations import stalled
from jalon.persistence.operations.stalled import LateEntity
from jalon.persistence.sessions import Sessions

log = structlog.get_logger("jalon.relay")

LOOK_SECONDS = 10.0
AT_ONCE = 4
"""The entities that are asked about at once. A fault of ours may stop thousands within a minute."""


class WatchResources(Protocol):
    """What the watch asks; the keys of `policies` are the store ids."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def policies(self) -> Iterable[str]: ...
    @property
    def dispatcher(self) -> CommandDispatcher: ...


class WorkflowTaskWatch:
    """Asks Temporal about each entity that is late, and notes those that cannot go on among the stalled steps."""

    def __init__(self, resources: WatchResources) -> None:
        self._resources = resources

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            try:
                await self._look()
            except (SQLAlchemyError, RPCError, RuntimeError) as fault:
                log.warning("workflow_tasks_not_seen", fault=type(fault).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        stores = tuple(self._resources.policies)
        async with self._resources.sessions.of(*stores) as tx:
            late = await stalled.late(tx, stores)
        slots = asyncio.Semaphore(AT_ONCE)

        async def ask(entity: LateEntity) -> None:
            async with slots:
                try:
                    await self._ask(entity)
                except (SQLAlchemyError, ValueError) as fault:
                    # What is wrong with one entity hides no other.
                    log.warning("workflow_task_not_seen", entity=entity.id, fault=type(fault).__name__)

        await asyncio.gather(*map(ask, late))

    async def _ask(self, entity: LateEntity) -> None:
        of_entity = workflow_id(entity.kind, entity.store, entity.id)
        try:
            cause = await failing_task(self._resources.dispatcher.client, of_entity)
        except RPCError as fault:
            # An entity that has ended, or was never started, has no task. What else Temporal refuses is asked again.
            log.debug("workflow_task_unknown", entity=entity.id, fault=fault.status.name)
            return
        if cause is None:
            return
        log.error("workflow_task_failing", store=entity.store, entity=entity.id, cause=cause)
        async with self._resources.sessions.of(entity.store) as tx:
            await stalled.note(tx, entity.store, entity.id, stalled.WORKFLOW_TASK, cause)
