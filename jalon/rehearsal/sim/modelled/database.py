"""The database as rows in memory. A transaction runs at one instant; time passes before it begins and after its commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jalon.domain.transition import AuditEntry, TimelineEntry, Transition
from jalon.persistence.entities.records import Document
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.people.parties import Party


@dataclass(slots=True)
class EntityRow:
    """The projection of an entity."""

    id: str
    kind: str
    store: str
    epoch: int
    seq: int
    status: str
    view: dict[str, Any]
    next_due_at: datetime | None
    busy: bool
    at: datetime
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line of a timeline."""

    entity: str
    epoch: int
    seq: int
    entry: TimelineEntry
    written_at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit."""

    entity: str
    entry: AuditEntry
    written_at: datetime


@dataclass(slots=True)
class PaymentRow:
    """One key of the payment ledger."""

    key: str
    store: str
    entity: str
    purpose: str
    cycle: int
    generation: int
    amount: str
    currency: str
    provider: str
    state: str
    outcome: dict[str, Any] | None = None


@dataclass(slots=True)
class MailRow:
    """One intent of the mail ledger."""

    key: str
    entity: str
    party: str
    template: str
    message_id: str
    at: datetime
    state: str = "intent"
    attempts: int = 1
    left_at: datetime | None = None
    accepted_at: datetime | None = None
    refusal: str | None = None
    server: str | None = None
    answer: str | None = None


@dataclass
class Database:
    """All rows. `now` gives the database's own instant; `changed` is called after each transaction that recorded a transition.

    What it raises is among `crashes`.
    """

    now: Callable[[], datetime]
    receipts: dict[str, Receipt] = field(default_factory=dict)
    by_key: dict[tuple[str, str, str], str] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)
    accepted_at: dict[str, datetime] = field(default_factory=dict)
    entities: dict[str, EntityRow] = field(default_factory=dict)
    transitions: dict[tuple[str, int, int], bytes] = field(default_factory=dict)
    timeline: list[TimelineRow] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)
    payments: dict[str, PaymentRow] = field(default_factory=dict)
    mails: dict[str, MailRow] = field(default_factory=dict)
    frozen: dict[tuple[str, str], Any] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    personal: dict[str, dict[str, Any]] = field(default_factory=dict)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    doors_seen_at: datetime | None = None
    numbers: dict[str, int] = field(default_factory=dict)
    frozen_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    changed: list[Callable[[EntityRow], None]] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    recorded: list[Callable[[Transition, int], None]] = field(default_factory=list)
    receipt_recorded: list[Callable[[Receipt], None]] = field(default_factory=list)
    settled: list[Callable[[Receipt, bool, dict[str, Any]], None]] = field(default_factory=list)

    def number(self, name: str) -> int:
        """The next number of a sequence, from 1."""
        self.numbers[name] = self.numbers.get(name, 0) + 1
        return self.numbers[name]


class Transaction:
    """The connection of the models' functions: the rows, during one transaction."""

    __slots__ = ("db",)

    def __init__(self, db: Database) -> None:
        self.db = db


class Sessions:
    """Opens transactions as `jalon.persistence.sessions.Sessions` does. `before` and `after` add delays and trouble."""

    def __init__(
        self, db: Database, before: Callable[[], Awaitable[None]], after: Callable[[], Awaitable[None]]
    ) -> None:
        self._db, self._before, self._after = db, before, after

    @asynccontextmanager
    async def of(self, *stores: str) -> AsyncIterator[Transaction]:
        """A transaction of some stores."""
        await self._before()
        yield Transaction(self._db)
        await self._after()
