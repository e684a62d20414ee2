"""What every entity knows, in one serialisable place; it is all that is carried from run to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain.kinds import Kind
from workflows.engine.agenda import Agenda

Known = TypeVar("Known")


EDITABLE = frozenset({"method", "party", "countries", "fields"})
"""What an operator may change in a parked step's input; ids and keys never."""


@dataclass
class Parked:
    """A step that cannot go on. `fingerprint` groups equal causes; `request` is what an operator may edit."""

    step: str
    cause: str
    fingerprint: str
    since: datetime
    real_since: datetime
    request: dict[str, Any]
    actor: str = "system"
    reason: str | None = None


@dataclass
class EntityState:
    """What every entity knows. `last_receipt` is the highest seq applied; `now` the instant of what is being handled.

    `backlog` and `clock_at` come from the run before: messages not applied yet, and how far a test clock has come.
    """

    store: str
    id: str
    live: bool
    now: datetime
    status: StrEnum
    seq: int = 0
    last_receipt: int = 0
    agenda: Agenda = field(default_factory=Agenda)
    parked: dict[str, Parked] = field(default_factory=dict)
    park_requested: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, MailRequest] = field(default_factory=dict)
    backlog: list[ReceivedCommand] = field(default_factory=list)
    clock_at: datetime | None = None

    kind: ClassVar[Kind]

    def move_to(self, status: StrEnum) -> None:
        """Moves on to a status. Raises IllegalMove, a fault of ours, where it does not follow the present one."""
        self.kind.check_move(self.status, status)
        self.status = status


def known(value: Known | None) -> Known:
    """A fact that this point of the life always knows; LookupError, our bug, when it is missing."""
    if value is None:
        raise LookupError("a fact of the lifecycle is missing")
    return value
