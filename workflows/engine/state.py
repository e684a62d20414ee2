"""The state that every entity has, in one serialisable class. Nothing else is passed from run to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from temporalio import workflow

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain.kinds import Kind
from jalon.domain.stops import Stop
from workflows.engine.agenda import Agenda
from workflows.engine.step import StepName

Known = TypeVar("Known")


EDITABLE = frozenset({"method", "party", "fields"})
"""The fields of a parked step's input that an operator may change; ids and keys are never among them."""
SCREENINGS = frozenset({StepName.SCREENING, StepName.PERSON_SCREENING})
"""The steps whose input nobody may change: what is screened is who was named, and what they declared (X19)."""


@dataclass
class Parked:
    """A parked step. `fingerprint` groups equal causes; `request` is the input that an operator may edit."""

    step: str
    cause: str
    fingerprint: str
    since: datetime
    real_since: datetime
    request: dict[str, Any]
    actor: str = "system"
    reason: str | None = None

    @property
    def editable(self) -> frozenset[str]:
        """The fields of its input that an operator may change."""
        return frozenset() if StepName.of(self.step) in SCREENINGS else EDITABLE & self.request.keys()


@dataclass
class Halted:
    """A step that an emergency stop holds. `since` is the store's time; it goes on by itself once the stop is lifted."""

    step: str
    stop: Stop
    since: datetime
    real_since: datetime


@dataclass
class EntityState:
    """The state of every entity. `last_receipt` is the highest seq applied; `now` is the instant being processed.

    `backlog` and `clock_at` come from the previous run: messages not applied yet, and the instant of the test clock.
    `parked_time` is how long its steps stood still for operators or in an emergency stop, e-mails aside. `resumed` are the steps that
    an operator sent on and whose effect has not come to its end. `resent` counts the e-mails that were sent once more.
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
    halted: dict[str, Halted] = field(default_factory=dict)
    park_requested: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, MailRequest] = field(default_factory=dict)
    backlog: list[ReceivedCommand] = field(default_factory=list)
    clock_at: datetime | None = None
    parked_time: timedelta = timedelta(0)
    resent: int = 0
    resumed: list[str] = field(default_factory=list)

    kind: ClassVar[Kind[Any]]

    def names_of(self, party: str) -> str | None:
        """The record of the names that a person gave with this entity, if there is one (X18)."""
        return None

    def reader_of(self, request: MailRequest) -> str:
        """The person whom an unsent e-mail goes to now."""
        return request.party

    def present(self) -> datetime:
        """The instant as the customer has it: real time in a live store, where an entry may be processed long after it was due."""
        return max(self.now, workflow.now()) if self.live else self.now

    def move_to(self, status: StrEnum) -> None:
        """Moves to a status. Raises IllegalMove, an internal fault, where the status does not follow the present one."""
        self.kind.check_move(self.status, status)
        self.status = status


def known(value: Known | None) -> Known:
    """A fact that is always set at this point of the lifecycle. Raises LookupError, an internal fault, when it is missing."""
    if value is None:
        raise LookupError("a fact of the lifecycle is missing")
    return value
