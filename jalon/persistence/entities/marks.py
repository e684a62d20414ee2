"""Marks of entities: a short text for each that changes with everything that a page about it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# An order's page shows its subscriptions, and theirs the order: the family counts as one. What is recorded without a transition, such as a
# note or an e-mail sent again, has an entry in the audit or a row in the ledger of e-mails.
_MARKS = text(
    """with asked as materialized (
           select id, store_id, coalesce(order_id, id) as root from entity where id = any (:ids)
       ), family as materialized (
           select id as asked, store_id, root as member from asked
           union all
           select a.id, a.store_id, e.id from asked a join entity e on e.order_id = a.root
       )
       select f.asked as id, f.store_id, string_agg(concat_ws('.',
           (select e.epoch || ':' || e.seq from entity e where e.id = f.member),
           (select max(a.id) from audit a where a.entity_id = f.member),
           (select count(*) || ':' || count(m.accepted_at) || ':' || count(m.bounced) from mail m where m.entity_id = f.member)
       ), '.' order by f.member) as mark
       from family f group by f.asked, f.store_id"""
)


@dataclass(frozen=True, slots=True)
class Marked:
    """The mark of an entity of a store."""

    store: str
    mark: str


async def marks(tx: AsyncConnection, entities: Sequence[str]) -> Mapping[str, Marked]:
    """The mark of each of these entities that the transaction sees."""
    rows = await tx.execute(_MARKS, {"ids": list(entities)})
    return {row.id: Marked(row.store_id, row.mark) for row in rows}
