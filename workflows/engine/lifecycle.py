"""How the engine finds a kind's workflow, and how a run of it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain.kinds import Kind
from workflows.engine.commands import Command


@dataclass(frozen=True)
class EntityStart:
    """A first run begins at the instant of the opening receipt. A kind's own start adds the state that a run left to the next.

    `first` is the opening receipt where nobody waits for its answer; elsewhere it comes as an update.
    """

    store: str
    id: str
    live: bool
    now: datetime
    first: ReceivedCommand | None = None


@dataclass(frozen=True)
class Lifecycle:
    """The workflow of one kind. `opening` is the command that starts it; a caller of the API `waits` for its answer, or nobody does."""

    kind: Kind
    workflow: type[Any]
    opening: type[Command]
    waits: bool
