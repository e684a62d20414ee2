"""The state of the entity that a write addresses, read in one statement, and rows written with the write's receipt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import KINDS
from jalon.persistence.entities import entities, records
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Clock:
    """A sandbox store's clock, locked against an advance until the transaction ends. `advance_to` is set while it advances."""

    now: datetime
    advance_to: datetime | None
    delivered: int


@dataclass(frozen=True, slots=True)
class TargetState:
    """The state of an entity in the transaction of a write's receipt. `store` is None where no visible store has the entity.

    `receipt` is the one that this principal's idempotency key made before in any of its stores. `status` and `view` are the entity's,
    None while only a receipt of it exists.
    """

    store: str | None
    kind: str | None
    status: str | None
    view: dict[str, Any] | None
    clock: Clock | None
    receipt: Receipt | None


_LOOK = text(
    """with target as (
           select coalesce(cast(:store as text),
                           (select store_id from entity where id = :entity),
                           (select store_id from receipt where entity_id = :entity limit 1)) as store_id),
       clock as (
           select c.now, c.advance_to, c.delivered from test_clock c
           where :clocked and c.store_id = (select store_id from target) for share of c)
       select t.store_id as target_store, e.kind, e.status, e.view, c.now as clock_now, c.advance_to, c.delivered,
              r.id as receipt_id
       from target t left join clock c on true left join entity e on e.id = :entity
            left join receipt r on r.store_id = any(cast(:stores as text[])) and r.principal = :principal
                                   and r.idempotency_key = :key"""
)
_SETTLE = text(
    "update receipt set state = 'applied', delivered = true, outcome = cast(:outcome as jsonb) where id = :id and state = 'pending'"
)
_DECIDE = text(
    """insert into hold_decision (store_id, order_id, turn, person, decision)
       values (:store, :order, :turn, :person, :decision)
       on conflict (order_id, turn, person) do nothing"""
)
_NOW = text("select coalesce((select now from test_clock where store_id = :store), clock_timestamp())")
_LATEST = text(
    "select body from receipt where entity_id = :entity and store_id = :store order by seq desc limit 1"
)
_EVENT = text(
    """insert into provider_event (id, provider, body) values (:id, :provider, cast(:body as jsonb))
       on conflict (provider, id) do nothing"""
)


async def target_state(
    tx: AsyncConnection,
    *,
    stores: Sequence[str],
    principal: str,
    key: str,
    entity: str,
    store: str | None,
    clocked: bool,
) -> TargetState:
    """The state of `entity` for a write. `store` is given for a new entity; `clocked` locks the store's clock."""
    row = (
        await tx.execute(
            _LOOK,
            {
                "stores": list(stores),
                "principal": principal,
                "key": key,
                "entity": entity,
                "store": store,
                "clocked": clocked,
            },
        )
    ).one()
    return TargetState(
        store=row.target_store,
        kind=row.kind,
        status=row.status,
        view=row.view,
        clock=None if row.clock_now is None else Clock(row.clock_now, row.advance_to, row.delivered),
        receipt=None if row.receipt_id is None else await receipts.find(tx, row.receipt_id),
    )


async def settle(tx: AsyncConnection, receipt: str, outcome: dict[str, Any]) -> None:
    """Settles the receipt of a write without a workflow; the write takes effect in this transaction."""
    await tx.execute(_SETTLE, {"id": receipt, "outcome": json.dumps(outcome)})


async def decide_hold(
    tx: AsyncConnection, store: str, order: str, turn: int, person: str, decision: str
) -> bool:
    """Records a reviewer's decision on the hold of this placement. False when this person has already decided on it."""
    inserted = await tx.execute(
        _DECIDE,
        {"store": store, "order": order, "turn": turn, "person": person, "decision": decision},
    )
    return inserted.rowcount > 0


async def keep_provider_event(tx: AsyncConnection, event: str, provider: str, body: bytes) -> bool:
    """Stores a provider's event as received. False when the event is already stored."""
    inserted = await tx.execute(_EVENT, {"id": event, "provider": provider, "body": body.decode()})
    return inserted.rowcount > 0


async def clock_now(tx: AsyncConnection, store: str) -> datetime:
    """The store's current instant: the test clock's in a sandbox store, the database's in a live store."""
    now: datetime = (await tx.execute(_NOW, {"store": store})).scalar_one()
    return now


async def latest(tx: AsyncConnection, store: str, entity: str) -> dict[str, Any] | None:
    """The body of the newest receipt of the entity."""
    body: dict[str, Any] | None = (
        await tx.execute(_LATEST, {"store": store, "entity": entity})
    ).scalar_one_or_none()
    return body


async def refuse_after_end(tx: AsyncConnection, entity: str, late: Sequence[Receipt]) -> bool:
    """Refuses receipts that reached an entity after its end, each command with the refusal for the way the entity ended.

    Returns False, and does nothing, while the projection does not show the entity as ended.
    """
    if not await records.is_over(tx, entity):
        return False
    ended = await entities.find_any(tx, entity)
    if ended is None:
        return False
    for receipt in late:
        violation = KINDS.named(ended.kind).after_end(ended.status, receipt.command)
        outcome = {"status": HTTPStatus.CONFLICT.value, "violations": [asdict(violation)]}
        await receipts.refuse(tx, receipt.id, outcome)
    await receipts.confirm(tx, late)
    return True
