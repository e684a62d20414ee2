"""What an overview reads beside the projection: the family, the money, the latest e-mails, the terms, and since when it waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.money import Money
from jalon.domain.traces import Trace
from jalon.persistence.entities.entities import Entity

LATEST = 60
"""The latest payments and e-mails that an overview reads of each entity. The history has all."""

_COLUMNS = "e.store_id, e.id, e.kind, e.status, e.view"
# Each branch by its own index. The family of an order is itself and its subscriptions, that of a subscription its order's.
_FAMILY = text(
    f"""with asked as (select coalesce(order_id, id) as root from entity where id = :id)
        select {_COLUMNS} from asked join entity e on e.id = asked.root
        union all
        select {_COLUMNS} from asked join entity e on e.order_id = asked.root
        order by 2"""
)
_PAYMENTS = text(
    """select p.* from unnest(cast(:entities as text[])) asked(id) cross join lateral (
           select entity_id, at, purpose, cycle, generation, amount, currency, provider, state, outcome, reference, settled_at
           from payment where entity_id = asked.id and state <> 'void' order by at desc, cycle desc, generation desc limit :latest) p
       order by p.at, p.cycle, p.generation"""
)
_MAILS = text(
    """select m.* from unnest(cast(:entities as text[])) asked(id) cross join lateral (
           select entity_id, template, message_id, party_id, state, refusal, bounced, attempts, at, accepted_at, recorded_at
           from mail where entity_id = asked.id order by recorded_at desc limit :latest) m
       order by m.recorded_at"""
)
_BEGAN = text(
    """select at from timeline where entity_id = :entity and event = any(cast(:events as text[]))
       order by epoch desc, seq desc, n desc limit 1"""
)
_TERMS = text(
    """select entity_id, occurrence, body ->> 'sha256' as sha256, body #>> '{store,policy_hash}' as policy_hash, recorded_at
       from frozen_terms where entity_id = any(cast(:entities as text[]))
         and (occurrence like 'placement/%' or occurrence like 'term/%') order by recorded_at desc limit :latest"""
)


_BESIDE = text(
    """select (select trace from receipt where entity_id = :entity order by seq desc limit 1) as trace,
              (select count(*) from admin_recovery r where r.entity_id = :entity
               and not exists (select from admin_recovery_decision d where d.recovery_id = r.id)) as recoveries"""
)


@dataclass(frozen=True, slots=True)
class Beside:
    """The id of the trace of the last receipt, None once that is forgotten; and how many requests to follow the admin wait."""

    trace: str | None
    recoveries: int


@dataclass(frozen=True, slots=True)
class MoneyMove:
    """One row of the ledger of payments. `purpose` is charge, mandate, refund or another task; `at` is the store's time."""

    entity: str
    purpose: str
    amount: Money
    state: str
    code: str | None
    provider: str
    reference: str | None
    term: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LedgerMail:
    """One row of the ledger of e-mails. `code` says why it was refused or came back; instants are the store's time."""

    entity: str
    template: str
    message_id: str
    party: str
    state: str
    code: str | None
    at: datetime
    accepted_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class TermsKept:
    """Terms that were frozen: those of a placement, or of a term, with the hash of the policy in force."""

    entity: str
    occurrence: str
    sha256: str | None
    policy_hash: str | None
    recorded_at: datetime


async def family(tx: AsyncConnection, entity: str) -> list[Entity]:
    """The order and its subscriptions, of which one has this id; empty where no visible store has it."""
    rows = await tx.execute(_FAMILY, {"id": entity})
    return [Entity(row.store_id, row.id, row.kind, row.status, row.view) for row in rows]


async def payments(tx: AsyncConnection, entities: Sequence[str]) -> list[MoneyMove]:
    """The latest rows of the ledger of payments of these entities, the oldest first."""
    rows = await tx.execute(_PAYMENTS, {"entities": list(entities), "latest": LATEST})
    return [
        MoneyMove(
            entity=row.entity_id,
            purpose=row.purpose,
            amount=Money(row.amount, row.currency),
            state=row.state,
            code=(row.outcome or {}).get("code"),
            provider=row.provider,
            reference=row.reference,
            term=row.cycle,
            at=row.at,
        )
        for row in rows
    ]


async def mails(tx: AsyncConnection, entities: Sequence[str]) -> list[LedgerMail]:
    """The latest rows of the ledger of e-mails of these entities, the oldest first."""
    rows = await tx.execute(_MAILS, {"entities": list(entities), "latest": LATEST})
    return [
        LedgerMail(
            entity=row.entity_id,
            template=row.template,
            message_id=row.message_id,
            party=row.party_id,
            state="bounced" if row.bounced is not None else row.state,
            code=row.bounced or row.refusal,
            at=row.at,
            accepted_at=row.accepted_at,
            attempts=row.attempts,
        )
        for row in rows
    ]


async def began_at(tx: AsyncConnection, entity: str, events: Collection[str]) -> datetime | None:
    """The instant of the latest of these events of the entity; None where there is none."""
    of = {"entity": entity, "events": list(events)}
    at: datetime | None = (await tx.execute(_BEGAN, of)).scalar_one_or_none()
    return at


async def beside(tx: AsyncConnection, entity: str) -> Beside:
    """What stands beside the projection of the entity."""
    row = (await tx.execute(_BESIDE, {"entity": entity})).one()
    trace = Trace.parse(row.trace)
    return Beside(None if trace is None else trace.id, row.recoveries)


async def terms(tx: AsyncConnection, entities: Sequence[str]) -> list[TermsKept]:
    """The terms that were frozen for these entities, the latest first."""
    rows = await tx.execute(_TERMS, {"entities": list(entities), "latest": LATEST})
    return [
        TermsKept(row.entity_id, row.occurrence, row.sha256, row.policy_hash, row.recorded_at) for row in rows
    ]
