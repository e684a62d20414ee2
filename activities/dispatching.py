"""How an activity speaks to an entity: the dispatcher that it is given, and what may stop it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class EngineUnreachable(Exception):
    """Temporal cannot be reached, or did not answer in time; what was sent may still be applied."""


class EntityClosed(Exception):
    """The entity has ended, or was never started: no run is left to take the update."""


class Dispatcher(Protocol):
    """Tells entities of a sandbox store the time; `jalon.inbox.dispatch` implements it."""

    async def tick(self, kind: str, store: str, entity: str, at: datetime) -> None:
        """Tells an entity that its clock has come to `at`. Raises EngineUnreachable and EntityClosed."""
        ...
