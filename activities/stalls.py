"""Records database steps that fail for another reason than the database, so that operators see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from jalon.persistence.operations import stalled
from jalon.persistence.sessions import Sessions

SEEN_FROM_ATTEMPT = 4
"""The attempt from which a failure is recorded; earlier ones count as transient."""

log = structlog.get_logger()


class StallWatch(Interceptor):
    """Watches the database queue, where activities are retried without limit."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps the SDK's interceptor."""
        return _Watched(next, self._sessions)


class _Watched(ActivityInboundInterceptor):
    def __init__(self, inner: ActivityInboundInterceptor, sessions: Sessions) -> None:
        super().__init__(inner)
        self._sessions = sessions

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        info = activity.info()
        _, store, entity = str(info.workflow_id).split("/", 2)
        try:
            result = await super().execute_activity(input)
        except (InterfaceError, NoConnection, OperationalError):
            raise
        except Exception as fault:
            if info.attempt >= SEEN_FROM_ATTEMPT:
                await self._note(store, entity, info.activity_type, type(fault).__name__)
            raise
        if info.attempt > SEEN_FROM_ATTEMPT:
            await self._clear(store, entity, info.activity_type)
        return result

    async def _note(self, store: str, entity: str, step: str, cause: str) -> None:
        log.error("step_stalled", store=store, entity=entity, step=step, cause=cause)
        with self._best_effort(entity):
            async with self._sessions.of(store) as tx:
                await stalled.note(tx, store, entity, step, cause)

    async def _clear(self, store: str, entity: str, step: str) -> None:
        log.info("stalled_step_goes_on", store=store, entity=entity, step=step)
        with self._best_effort(entity):
            async with self._sessions.of(store) as tx:
                await stalled.clear(tx, entity, step)

    @contextmanager
    def _best_effort(self, entity: str) -> Iterator[None]:
        """Suppresses faults of this bookkeeping: a step neither fails nor is repeated because of it."""
        try:
            yield
        except SQLAlchemyError as error:
            log.warning("stall_not_noted", entity=entity, cause=type(error).__name__)
