"""What is left after the faults, as each party tells it: the caller, the gateway, the mailbox, PostgreSQL and the workflows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer that promised something: `status` is 200, 201 or 202, `key` the Idempotency-Key it was given to.

    `move` is open, place, activate or sign; `entity` the order or subscription that was written to.
    """

    key: str
    move: str
    entity: str
    status: int


@dataclass(frozen=True, slots=True)
class Expected:
    """How one order should end. `captures` is how often it should be charged, `mails` what its buyer should have read.

    `entity` is None for an order whose opening was never acknowledged; `label` names it to people.
    """

    label: str
    buyer: str
    entity: str | None
    status: str
    subscription_status: str
    captures: int
    mails: frozenset[str]


@dataclass(frozen=True, slots=True)
class Capture:
    """A charge that succeeded, from the gateway's own listing; `entity` is what Jalon said it was for."""

    reference: str
    entity: str
    minor_units: int
    currency: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An arrival, from the mailbox's own store."""

    message_id: str
    to: str
    template: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A row of the mail ledger, meant at `at`; `accepted_at` is None while no acceptance was recorded."""

    message_id: str
    entity: str
    template: str
    state: str
    at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """What PostgreSQL says of one write: pending, applied or refused."""

    entity: str
    command: str
    state: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the judge looks at. Projections and the workflows' own answers are by entity id, marks by key."""

    expected: tuple[Expected, ...]
    acknowledgements: tuple[Acknowledgement, ...] = ()
    captures: tuple[Capture, ...] = ()
    letters: tuple[Letter, ...] = ()
    intents: tuple[Intent, ...] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    projections: dict[str, View] = field(default_factory=dict)
    answers: dict[str, View] = field(default_factory=dict)


FindingKind = Literal["lost", "charged_twice", "mailed_twice", "at_odds"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that should not be."""

    kind: FindingKind
    entity: str
    what: str
