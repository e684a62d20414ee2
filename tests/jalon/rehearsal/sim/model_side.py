"""The models over rows in memory, as one side of the script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from jalon.domain.money import Money
from jalon.domain.transition import AuditEntry, TimelineEntry
from jalon.persistence.ids import new_id
from jalon.rehearsal.sim.modelled import ledgers as modelled_ledgers
from jalon.rehearsal.sim.modelled import receipts as modelled_receipts
from jalon.rehearsal.sim.modelled import records as modelled_records
from jalon.rehearsal.sim.modelled import transitions as modelled_transitions
from jalon.rehearsal.sim.modelled.database import Database, Sessions, Transaction
from tests.jalon.rehearsal.sim.sides import Mail, Payment, Projection, Side


class ModelSide(Side):
    """The models over a database that stays at one instant."""

    receipts = modelled_receipts
    transitions = modelled_transitions
    ledgers = modelled_ledgers
    records = modelled_records

    def __init__(self) -> None:
        self._db = Database(lambda: datetime(2031, 5, 17, 8, 0, 0, 271828, tzinfo=UTC))
        self.sessions = Sessions(self._db, _at_once, _at_once)

    async def now(self, tx: Transaction) -> datetime:
        return tx.db.now()

    async def sender(self, tx: Transaction, receipt: str) -> tuple[str, str]:
        [(_, principal, key)] = [named for named, id_ in tx.db.by_key.items() if id_ == receipt]
        return principal, key

    async def accepted_at(self, tx: Transaction, receipt: str) -> datetime:
        return tx.db.accepted_at[receipt]

    async def projection(self, tx: Transaction, entity: str) -> Projection | None:
        row = tx.db.entities.get(entity)
        if row is None:
            return None
        return Projection(
            row.store, row.kind, row.epoch, row.seq, row.status, row.view, row.next_due_at, row.busy, row.at
        )

    async def timeline(self, tx: Transaction, entity: str) -> list[tuple[int, int, TimelineEntry]]:
        rows = [(row.epoch, row.seq, row.entry) for row in tx.db.timeline if row.entity == entity]
        return sorted(rows, key=lambda row: row[:2])

    async def audit(self, tx: Transaction, entity: str) -> list[AuditEntry]:
        return [row.entry for row in tx.db.audit if row.entity == entity]

    async def frozen_at(self, tx: Transaction, entity: str, occurrence: str) -> datetime:
        return tx.db.frozen_at[entity, occurrence]

    async def payment(self, tx: Transaction, key: str) -> Payment | None:
        row = tx.db.payments.get(key)
        if row is None:
            return None
        amount = Money(Decimal(row.amount), row.currency)
        return Payment(row.store, row.entity, row.purpose, row.cycle, row.generation, amount, row.provider)

    async def mail(self, tx: Transaction, key: str) -> Mail | None:
        row = tx.db.mails.get(key)
        if row is None:
            return None
        return Mail(row.entity, row.party, row.template, row.message_id, row.at, row.attempts)

    async def person(self, tx: Transaction, store: str) -> str:
        return new_id("party")

    async def declare(self, tx: Transaction, store: str, started_at: datetime, ended_at: datetime) -> None:
        tx.db.outages.append((started_at, ended_at))

    async def last_seen(self, tx: Transaction, ago: timedelta) -> datetime:
        tx.db.doors_seen_at = tx.db.now() - ago
        return tx.db.doors_seen_at

    @asynccontextmanager
    async def undone(self, store: str) -> AsyncIterator[Transaction]:
        yield Transaction(self._db)


async def _at_once() -> None:
    """Adds no delay and no trouble."""
