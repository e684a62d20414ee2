"""The dispatcher by which an activity reaches an entity, and the errors that it raises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

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
