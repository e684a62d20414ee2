"""The interface of both sides of the script: the modules of `persistence`, or their models, under the same names.

Where a module writes rows that it does not read, a side reads them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from jalon.domain.money import Money
from jalon.domain.transition import AuditEntry, TimelineEntry


@dataclass(frozen=True)
class Projection:
    """The row of an entity."""

    store: str
    kind: str
    epoch: int
    seq: int
    status: str
    view: dict[str, Any]
    next_due_at: datetime | None
    busy: bool
    at: datetime


@dataclass(frozen=True)
class Payment:
    """The facts of a payment intent."""

    store: str
    entity: str
    purpose: str
    cycle: int
    generation: int
    amount: Money
    provider: str


@dataclass(frozen=True)
class Mail:
    """The facts of a mail intent."""

    entity: str
    party: str
    template: str
    message_id: str
    at: datetime
    attempts: int


class Side(ABC):
    """One side. `tx` is the transaction of its `sessions.of(…)`."""

    sessions: Any
    receipts: ModuleType
    transitions: ModuleType
    ledgers: ModuleType
    records: ModuleType

    @abstractmethod
    async def now(self, tx: Any) -> datetime:
        """The database's own instant."""

    @abstractmethod
    async def sender(self, tx: Any, receipt: str) -> tuple[str, str]:
        """A receipt's principal and idempotency key."""

    @abstractmethod
    async def accepted_at(self, tx: Any, receipt: str) -> datetime:
        """The instant at which the database recorded a receipt, whatever its stamp."""

    @abstractmethod
    async def projection(self, tx: Any, entity: str) -> Projection | None:
        """The entity's row."""

    @abstractmethod
    async def timeline(self, tx: Any, entity: str) -> list[tuple[int, int, TimelineEntry]]:
        """The entity's timeline of every epoch: (epoch, seq, entry), in the order of both."""

    @abstractmethod
    async def audit(self, tx: Any, entity: str) -> list[AuditEntry]:
        """The entity's audit as it was written."""

    @abstractmethod
    async def frozen_at(self, tx: Any, entity: str, occurrence: str) -> datetime:
        """When the terms of the occurrence were frozen, in real time."""

    @abstractmethod
    async def payment(self, tx: Any, key: str) -> Payment | None:
        """The payment intent under the key."""

    @abstractmethod
    async def mail(self, tx: Any, key: str) -> Mail | None:
        """The mail intent under the key."""

    @abstractmethod
    async def person(self, tx: Any, store: str) -> str:
        """The id of a person for whom a document can be encrypted."""

    @abstractmethod
    async def declare(self, tx: Any, store: str, started_at: datetime, ended_at: datetime) -> None:
        """Declares an outage of the store."""

    @abstractmethod
    async def last_seen(self, tx: Any, ago: timedelta) -> datetime:
        """Sets the last heartbeat of the API this far back; returns its instant."""

    @abstractmethod
    def undone(self, store: str) -> AbstractAsyncContextManager[Any]:
        """A transaction in which no heartbeat was ever recorded, and which is rolled back."""
