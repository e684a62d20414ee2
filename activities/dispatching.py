"""The dispatcher by which an activity reaches an entity, and the errors that it raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from jalon.domain.error_codes import ErrorCode
from jalon.persistence.inbox.receipts import Receipt


class EngineUnreachable(Exception):
    """Temporal cannot be reached, or did not answer in time. The message may still be applied."""


class EntityClosed(Exception):
    """The entity has ended, or was never started, so it has no run that takes the update."""


class Dispatcher(Protocol):
    """Sends the time to entities of a sandbox store. `jalon.inbox.dispatch` implements it."""

    async def tick(self, kind: str, store: str, entity: str, at: datetime) -> None:
        """Sends an entity the instant `at` of its store's clock. Raises EngineUnreachable and EntityClosed."""
        ...


class ReceiptDispatcher(Protocol):
    """Sends recorded receipts to their entity. `jalon.inbox.dispatch` implements it."""

    async def dispatch(
        self, receipts: Sequence[Receipt], *, live: bool, timeout: float, wait: bool = True
    ) -> None:
        """Delivers pending receipts of one entity in order. Raises EngineUnreachable and EntityClosed."""
        ...


class ResetRefused(Exception):
    """The entity cannot be reset, for a reason that operators read."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class ResetPoint:
    """The run of an entity that fails, and the event to which it can be reset."""

    run: str
    event: int


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a workflow task stands: done, or failing for a `cause`; neither while it is under way."""

    done: bool
    cause: str | None


class Resetter(Protocol):
    """Takes entities back to the point before a fault. `jalon.inbox.resetting` implements it."""

    async def point(self, kind: str, store: str, entity: str) -> ResetPoint | None:
        """Where the entity can go on from; None where its workflow task fails no more. Raises EngineUnreachable and ResetRefused."""
        ...

    async def reset(
        self, kind: str, store: str, entity: str, point: ResetPoint, request_id: str, reason: str
    ) -> str:
        """Resets the entity once from this point. Returns the run that replaced the failing one. Raises EngineUnreachable, ResetRefused."""
        ...

    async def task_state(self, kind: str, store: str, entity: str) -> TaskState:
        """How the entity's workflow task stands. Raises EngineUnreachable and ResetRefused."""
        ...
