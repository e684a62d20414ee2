"""The state of the entity that a write addresses, read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

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

    `receipt` is the one that this principal's idempotency key made before in any of its stores; of several, which keys of single stores
    may have made, it is that of the entity's own store, else the first. `status` and `view` are the entity's,
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
            left join lateral (
                select made.id from receipt made
                where made.store_id = any(cast(:stores as text[])) and made.principal = :principal
                      and made.idempotency_key = :key
                order by made.store_id is distinct from t.store_id, made.seq limit 1) r on true"""
)


async def read_target(
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
