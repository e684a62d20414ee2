"""The workflow of each kind, and the argument that a run of it starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain.kinds import Kind
from workflows.engine.commands import Command


@dataclass(frozen=True)
class EntityStart:
    """The argument of a run. A first run starts at the instant of the opening receipt.

    Each kind adds the state that the previous run passes on. `first` is the opening receipt where nobody waits for its answer; otherwise
    the receipt comes as an update.
    """

    store: str
    id: str
    live: bool
    now: datetime
    first: ReceivedCommand | None = None


@dataclass(frozen=True)
class Lifecycle:
    """The workflow of one kind.

    `opening` is the command that starts it; `waits` says whether a caller of the API waits for its answer.
    """

    kind: Kind[Any]
    workflow: type[Any]
    opening: type[Command]
    waits: bool
