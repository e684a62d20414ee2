"""The product over PostgreSQL, as one side of the script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.money import Money
from jalon.domain.transition import AuditEntry, TimelineEntry
from jalon.persistence.entities import records as recorded
from jalon.persistence.entities import transitions as recorded_transitions
from jalon.persistence.inbox import receipts as recorded_receipts
from jalon.persistence.money import ledgers as recorded_ledgers
from jalon.persistence.operations import outages
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.rehearsal.sim.sides import Mail, Payment, Projection, Side


class ProductSide(Side):
    """The product, on the application's role; what is undone, on the owner's."""

    receipts = recorded_receipts
    transitions = recorded_transitions
    ledgers = recorded_ledgers
    records = recorded

    def __init__(self, sessions: Sessions, owner: Sessions, parties: Parties) -> None:
        self.sessions: Sessions = sessions
        self._owner = owner
        self._parties = parties

    async def now(self, tx: AsyncConnection) -> datetime:
        at: datetime = (await tx.execute(text("select clock_timestamp()"))).scalar_one()
        return at

    async def sender(self, tx: AsyncConnection, receipt: str) -> tuple[str, str]:
        found = await _rows(tx, "select principal, idempotency_key from receipt where id = :id", receipt)
        [(principal, key)] = found
        return principal, key

    async def accepted_at(self, tx: AsyncConnection, receipt: str) -> datetime:
        at: datetime
        [(at,)] = await _rows(tx, "select accepted_at from receipt where id = :id", receipt)
        return at

    async def projection(self, tx: AsyncConnection, entity: str) -> Projection | None:
        found = await _rows(
            tx,
            "select store_id, kind, epoch, seq, status, view, next_due_at, busy, updated_at from entity where id = :id",
            entity,
        )
        return Projection(*found[0]) if found else None

    async def timeline(self, tx: AsyncConnection, entity: str) -> list[tuple[int, int, TimelineEntry]]:
        found = await _rows(
            tx,
            "select epoch, seq, at, event, rule, actor, data from timeline where entity_id = :id order by epoch, seq, n",
            entity,
        )
        return [(epoch, seq, TimelineEntry(*said)) for epoch, seq, *said in found]

    async def audit(self, tx: AsyncConnection, entity: str) -> list[AuditEntry]:
        found = await _rows(
            tx,
            "select at, actor, role, action, rule, reason, data from audit where entity_id = :id order by id",
            entity,
        )
        return [AuditEntry(*row) for row in found]

    async def frozen_at(self, tx: AsyncConnection, entity: str, occurrence: str) -> datetime:
        statement = "select recorded_at from frozen_terms where entity_id = :id and occurrence = :occurrence"
        at: datetime = (
            await tx.execute(text(statement), {"id": entity, "occurrence": occurrence})
        ).scalar_one()
        return at

    async def payment(self, tx: AsyncConnection, key: str) -> Payment | None:
        found = await _rows(
            tx,
            "select store_id, entity_id, purpose, cycle, generation, amount, currency, provider from payment where key = :id",
            key,
        )
        if not found:
            return None
        [(*what, amount, currency, provider)] = found
        facts: list[Any] = [*what, Money(amount, currency), provider]
        return Payment(*facts)

    async def mail(self, tx: AsyncConnection, key: str) -> Mail | None:
        found = await _rows(
            tx,
            "select entity_id, party_id, template, message_id, at, attempts from mail where key = :id",
            key,
        )
        return Mail(*found[0]) if found else None

    async def person(self, tx: AsyncConnection, store: str) -> str:
        return await self._parties.meet(
            tx, store, email="ana@example.com", name="Ana", company=None, language="fr"
        )

    async def declare(
        self, tx: AsyncConnection, store: str, started_at: datetime, ended_at: datetime
    ) -> None:
        await outages.declare(
            tx, store=store, started_at=started_at, ended_at=ended_at, actor="ana", reason="a test"
        )

    async def last_seen(self, tx: AsyncConnection, ago: timedelta) -> datetime:
        statement = """insert into api_heartbeat (process, seen_at) values ('a test''s', clock_timestamp() - cast(:ago as interval))
                       on conflict (process) do update set seen_at = excluded.seen_at returning seen_at"""
        async with _of_no_store(tx):
            seen: datetime = (await tx.execute(text(statement), {"ago": ago})).scalar_one()
        return seen

    @asynccontextmanager
    async def undone(self, store: str) -> AsyncIterator[AsyncConnection]:
        async with self._owner.of(store) as tx:
            async with _of_no_store(tx):
                await tx.execute(text("delete from api_heartbeat"))
                await tx.execute(text("delete from outage where store_id is null"))
            yield tx
            await tx.rollback()


@asynccontextmanager
async def _of_no_store(tx: AsyncConnection) -> AsyncIterator[None]:
    """The transaction names no store for a while, as a heartbeat's does."""
    scope = (await tx.execute(text("select current_setting('app.stores')"))).scalar_one()
    await tx.execute(text("set local app.stores = ''"))
    yield
    await tx.execute(text("select set_config('app.stores', :scope, true)"), {"scope": scope})


async def _rows(tx: AsyncConnection, statement: str, id_: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await tx.execute(text(statement), {"id": id_})]
