"""The reads that grow with the number of orders go by an index, for one store in scope and for many."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.entities import entities
from jalon.persistence.operations import worklists
from jalon.persistence.sessions import Sessions

ORDERS = 10_000
STORES = tuple(f"plans-{number:02}" for number in range(20))
_FILL = text(
    """insert into entity (store_id, id, kind, number, status, view, buyer_id, purchase_order_number, epoch, seq, busy, parked,
                           created_at, updated_at)
       select 'plans-' || lpad((n % 20)::text, 2, '0'), k || '_plans' || n, kind, 'PLN-' || n,
              case when n % 500 = 0 then 'export_hold' else 'active' end,
              jsonb_build_object('sku', 'sku-' || n % 50, 'placed_at', now(),
                                 'delayed_at', case when n % 400 = 0 then now() end,
                                 'seats', jsonb_build_array(jsonb_build_object('number', 1, 'party', 'holder-' || n))),
              'pty-' || n % 4000, 'po-' || n, 0, 1, false, 0, now() - n * interval '1 minute', now()
       from generate_series(1, :orders) n, (values ('ord', 'order'), ('sub', 'subscription')) kinds (k, kind)"""
)
_LISTED: dict[str, Any] = {
    "stores": list(STORES), "kind": "order", "status": None, "fact": None, "order": None, "buyers": None,
    "placed_after": None, "placed_before": None, "after": None, "limit": 21,
}  # fmt: skip
READS: dict[str, tuple[TextClause, dict[str, Any]]] = {
    "youngest": (entities._LIST, _LISTED),
    "next page": (entities._LIST, _LISTED | {"after": "ord_plans500"}),
    "search": (worklists._SEARCH, {"query": "po-77", "people": ["pty-77"], "limit": 20}),
    "holds": (worklists._HOLDS, {"limit": 50, "after": None}),
    "delayed": (worklists._DELAYED, {"awaited": ["active"], "limit": 50}),
    "entitlement": (entities._SEATS, {"store": STORES[7], "sku": "sku-7", "party": "holder-7"}),
}


class UndoneError(Exception):
    """Rolls the rows of this file back."""


@pytest.fixture(scope="module", params=[STORES[:1], STORES], ids=["one store", "twenty stores"])
async def filled(owner: Sessions, request: pytest.FixtureRequest) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees these stores among twenty thousand entities, and leaves nothing behind."""
    with suppress(UndoneError):
        async with owner.of(*STORES) as tx:
            await tx.execute(_FILL, {"orders": ORDERS})
            await tx.execute(text("analyze entity"))
            await tx.execute(text(f"set local app.stores = '{','.join(request.param)}'"))
            yield tx
            raise UndoneError


@pytest.mark.parametrize("read", READS)
async def test_no_read_looks_at_every_entity(filled: AsyncConnection, read: str) -> None:
    statement, parameters = READS[read]
    rows = await filled.execute(text(f"explain (costs off) {statement.text}"), parameters)
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on entity" not in plan, plan
    assert "entity_" in plan, plan


async def test_every_entity_is_there_to_be_read(filled: AsyncConnection) -> None:
    seen = (await filled.execute(text("select count(*) from entity"))).scalar_one()
    assert seen in (2 * ORDERS, 2 * ORDERS / len(STORES))
