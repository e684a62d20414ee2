"""Marks of entities: a short text for each that changes with everything that a page about it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# An order's page shows its subscriptions, and theirs the order: the family counts as one. What is recorded without a transition, such as a
# note or an e-mail sent again, has an entry in the audit or a row in the ledger of e-mails.
_MARKS = text(
    """select w.id, w.store_id, concat_ws('.',
           (select string_agg(e.epoch || ':' || e.seq, '.' order by e.id) from entity e where e.id = any (f.ids)),
           (select max(a.id) from audit a where a.entity_id = any (f.ids)),
           (select count(*) || ':' || count(m.accepted_at) || ':' || count(m.bounced) from mail m where m.entity_id = any (f.ids))
       ) as mark
       from (select id, store_id, coalesce(order_id, id) as root from entity where id = any (:ids)) w
       cross join lateral (
           select array_agg(id) as ids from (
               select w.root as id union select e.id from entity e where e.order_id = w.root
           ) family
       ) f"""
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
