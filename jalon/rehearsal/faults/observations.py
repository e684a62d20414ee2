"""The evidence after the faults, from each party: the caller, the gateway, the mailbox, PostgreSQL and the workflows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An answer that acknowledged a write: `status` is 200, 201 or 202, `key` the Idempotency-Key of the write.

    `move` is open, place, activate or sign; `entity` is the order or subscription that was written to.
    """

    key: str
    move: str
    entity: str
    status: int


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected end of one order. `captures` is the number of charges, `mails` the e-mails that its buyer should get.

    `entity` is None for an order whose opening was never acknowledged; `label` names the order for people. With `no_other_mail` the buyer
    gets nothing but `mails`: who waited out a night notices a delay and no more.
    """

    label: str
    buyer: str
    entity: str | None
    status: str
    subscription_status: str
    captures: int
    mails: frozenset[str]
    no_other_mail: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """A charge that succeeded, from the gateway's own listing; `entity` comes from Jalon's metadata."""

    reference: str
    entity: str
    minor_units: int
    currency: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail that arrived, from the mailbox's own store."""

    message_id: str
    to: str
    template: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A row of the mail ledger, created at `at`; `accepted_at` is None while no acceptance is recorded."""

    message_id: str
    entity: str
    template: str
    state: str
    at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """The state of one write in PostgreSQL: pending, applied or refused."""

    entity: str
    command: str
    state: str


@dataclass(frozen=True)
class Evidence:
    """The input of the judge. Projections and the workflows' own answers are by entity id, marks by key.

    `withdrawn` are the e-mails, as (order, template), that stopped being true before they could leave (X21).
    """

    expected: tuple[Expected, ...]
    acknowledgements: tuple[Acknowledgement, ...] = ()
    captures: tuple[Capture, ...] = ()
    letters: tuple[Letter, ...] = ()
    intents: tuple[Intent, ...] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    projections: dict[str, View] = field(default_factory=dict)
    answers: dict[str, View] = field(default_factory=dict)
    withdrawn: frozenset[tuple[str, str]] = frozenset()

    def templates_to(self, buyer: str) -> frozenset[str]:
        """The e-mails that this buyer got."""
        return self._by_buyer.get(buyer, frozenset())

    @cached_property
    def _by_buyer(self) -> dict[str, frozenset[str]]:
        got: dict[str, set[str]] = defaultdict(set)
        for letter in self.letters:
            got[letter.to].add(letter.template)
        return {buyer: frozenset(templates) for buyer, templates in got.items()}


FindingKind = Literal["lost", "charged_twice", "mailed_twice", "at_odds"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault that the judge found."""

    kind: FindingKind
    entity: str
    what: str
