"""Reads the recorded projections of orders and subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import Kind
from jalon.domain.projections import SEATS_SHOWN
from jalon.domain.statuses import OrderFact, Status, SubscriptionFact


@dataclass(frozen=True, slots=True)
class Entity:
    """One recorded projection; `view` equals the workflow's own answer and holds no personal data."""

    store: str
    id: str
    kind: str
    status: str
    view: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of a list of entities; None does not filter. `after` is the last id of the previous page, `statuses` are any of several.

    `stores` are those that the transaction sees.
    """

    kind: str
    stores: Sequence[str]
    limit: int
    after: str | None = None
    status: Status | None = None
    statuses: Sequence[Status] | None = None
    fact: OrderFact | SubscriptionFact | None = None
    buyers: Sequence[str] | None = None
    order: str | None = None
    placed_after: datetime | None = None
    placed_before: datetime | None = None


_COLUMNS = "store_id, id, kind, status, view"
_FIND = text(f"select {_COLUMNS} from entity where id = :id and kind = :kind")
_ANY = text(f"select {_COLUMNS} from entity where id = :id")
_OF_ORDER = text(f"select {_COLUMNS} from entity where order_id = :order order by id")
# One statement for each set of filters: where a statement holds a filter that may be null, its generic plan reads every entity.
# Row security alone keeps to the stores: a second condition on many of them would make the planner expect next to no rows, and sort. One
# store has its own index, but for facts, of which the planner does not know how rare they are.
# An order is placed after its cart was opened, so that what was placed before an instant lies behind it in the list too.
_WHERE = {
    "status": "status = :status",
    "statuses": "status = any(cast(:statuses as text[]))",
    "order": "order_id = :order",
    "buyers": "buyer_id = any(cast(:buyers as text[]))",
    "placed_after": "placed_at > :placed_after",
    "placed_before": "placed_at < :placed_before and created_at < :placed_before",
    "after": "(created_at, id) < (select created_at, id from entity where id = :after)",
}
_COUNTRY = text(
    """select view ->> 'country' from entity where buyer_id = :party and kind = 'order' and view ->> 'country' is not null
       order by created_at, id limit 1"""
)
_USED = text(
    f"""select {_COLUMNS} from entity where id in (select entity_id from seat_holder where party_id = :party)
        order by created_at desc, id desc limit :limit"""
)
_NUMBER = text("select 1 from entity where number = :number limit 1")
_SEATS = text(
    f"""select {_COLUMNS} from entity
        where store_id = :store and kind = 'subscription' and view->>'sku' = :sku
          and id in (select id from entity where buyer_id = :party
                     union select entity_id from seat_holder where party_id = :party)
        order by id"""
)


def _entity(row: Row[Any]) -> Entity:
    return Entity(row.store_id, row.id, row.kind, row.status, row.view)


async def find(tx: AsyncConnection, kind: Kind[Any], entity: str) -> Entity | None:
    """The order or subscription with this id, if its store is visible."""
    row = (await tx.execute(_FIND, {"kind": kind.name, "id": entity})).one_or_none()
    return None if row is None else _entity(row)


async def find_any(tx: AsyncConnection, entity: str) -> Entity | None:
    """The entity of any kind with this id, if its store is visible."""
    row = (await tx.execute(_ANY, {"id": entity})).one_or_none()
    return None if row is None else _entity(row)


async def of_order(tx: AsyncConnection, order: str) -> list[Entity]:
    """The subscriptions of an order, by order line."""
    return [_entity(row) for row in await tx.execute(_OF_ORDER, {"order": order})]


async def listed(tx: AsyncConnection, filters: Filters) -> list[Entity]:
    """One page and one row more, newest first. The extra row shows the caller whether another page follows."""
    given = {name: value for name in _WHERE if (value := getattr(filters, name)) is not None}
    if filters.statuses is not None:
        given["statuses"] = list(filters.statuses)
    wanted = [_WHERE[name] for name in given]
    if filters.fact is not None:
        wanted.append(f"view ->> '{filters.fact}' is not null")
    elif len(filters.stores) == 1:
        given["store"] = filters.stores[0]
        wanted.append("store_id = :store")
    statement = text(
        f"""select {_COLUMNS} from entity
            where {" and ".join(("kind = :kind", *wanted))}
            order by created_at desc, id desc limit :limit"""
    )
    rows = await tx.execute(statement, {**given, "kind": filters.kind, "limit": filters.limit + 1})
    return [_entity(row) for row in rows]


async def used_by(tx: AsyncConnection, store: str, party: str, sku: str) -> list[Entity]:
    """The subscriptions of a product of which a person is the admin or has a seat."""
    rows = await tx.execute(_SEATS, {"store": store, "party": party, "sku": sku})
    return [_entity(row) for row in rows]


async def country_of_registration(tx: AsyncConnection, party: str) -> str | None:
    """The country that the person's first order in the store named (P13); None for somebody who has ordered nothing."""
    country: str | None = (await tx.execute(_COUNTRY, {"party": party})).scalar_one_or_none()
    return country


async def seats_held(tx: AsyncConnection, party: str, limit: int) -> list[Entity]:
    """The subscriptions of which a person has a seat or is invited to one, newest first."""
    return [_entity(row) for row in await tx.execute(_USED, {"party": party, "limit": limit})]


async def number_taken(tx: AsyncConnection, number: str) -> bool:
    """Whether an order of the visible stores has this number."""
    return (await tx.execute(_NUMBER, {"number": number})).first() is not None


def people_in(views: Iterable[dict[str, Any]]) -> list[str]:
    """The ids of the parties, and of the records of names, that answers show, once each."""
    found: dict[str, None] = {}
    for view in views:
        seats = (seat["party"] for seat in view.get("seats") or () if seat["number"] <= SEATS_SHOWN)
        joining = [each for each in (view.get("transfer"), *(view.get("holds") or ())) if each]
        waiting = (each.get(name) for each in joining for name in ("party", "names"))
        named = [view.get("buyer"), view.get("buyer_names"), view.get("admin"), *waiting, *seats]
        found |= dict.fromkeys(party for party in named if party)
    return list(found)
