"""Support's search: purchases by any text that is known of them or of their people, through functions over the one table of such texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import ORDER
from jalon.domain.searching import MatchWay, SearchField, fold, neighbours
from jalon.persistence.entities.entities import Entity

TEXTS_A_PURCHASE = (2, 4)
"""So many texts are asked for to fill one place of a page, and where they do not, so many: a person's name, company and address may hold
one word and be found by it, and two people may have one purchase."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found of an entity or its people, and how."""

    field: SearchField
    how: MatchWay


@dataclass(frozen=True, slots=True)
class Part:
    """A subscription of a found order. `match` is None where only the order was found, or another subscription."""

    entity: Entity
    match: Match | None


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order with its subscriptions, or a subscription alone where nothing else of its order was found."""

    entity: Entity
    match: Match
    parts: tuple[Part, ...] = ()


_FIELDS = [str(field) for field in SearchField]
_WAYS = (MatchWay.EXACT, MatchWay.WORD, MatchWay.PREFIX, MatchWay.SUBSTRING, MatchWay.TYPO)
"""The ways as the functions number them, from 1."""
# A person finds what they bought or manage, what they have a seat of, and what they were written to about: a former admin too. Each way by
# its own index, and no more of it than the answer can show: a limit inside keeps each lookup one, whatever number the planner expects.
_FOUND = """
    with texts as materialized (
        select way, field, subject from {function}
    ), hits as materialized (
        select distinct on (subject) way, field, subject from texts order by subject, way, array_position(cast(:fields as text[]), field)
    ), reached as (
        select h.way, h.field, h.subject as id from hits h
        union all
        select h.way, h.field, e.id from hits h cross join lateral (
            select id from entity where buyer_id = h.subject order by created_at desc, id desc limit :texts) e
        union all
        select h.way, h.field, s.entity_id from hits h cross join lateral (
            select entity_id from seat_holder where party_id = h.subject order by entity_id desc limit :texts) s
        union all
        select h.way, h.field, m.entity_id from hits h cross join lateral (
            select distinct entity_id from mail where party_id = h.subject order by entity_id desc limit :texts) m
    ), found as materialized (
        select distinct on (id) id, way, field from reached order by id, way, array_position(cast(:fields as text[]), field)
    ), matched as materialized (
        select e.id, coalesce(e.order_id, e.id) as purchase, e.created_at, f.way, f.field
        from found f cross join lateral (select id, order_id, created_at from entity where id = f.id limit 1) e
    ), best as (
        select purchase, min(way) as first_way, max(created_at) as newest from matched
        group by purchase order by min(way), max(created_at) desc, purchase desc limit :shown
    )
    select m.purchase, m.id, m.way, m.field, (select count(*) from texts) as texts
    from matched m join best b using (purchase) order by b.first_way, b.newest desc, m.purchase desc, m.way, m.id"""
_SUBJECTS = text(_FOUND.format(function="search_subjects(:wanted, :texts)"))
_TYPOS = text(_FOUND.format(function="search_typos(string_to_array(:near, ' '), :texts)"))
_OF_PURCHASES = text(
    """select store_id, id, kind, status, view, order_id from entity where id = any(cast(:purchases as text[]))
       union all
       select store_id, id, kind, status, view, order_id from entity where order_id = any(cast(:purchases as text[]))
       order by id"""
)


async def search(tx: AsyncConnection, query: str, limit: int) -> tuple[list[Purchase], bool]:
    """What the text finds in the transaction's stores, the best way first and then the newest, and whether there may be more.

    A text in which nothing is left of letters and digits finds nothing. One typo is forgiven where nothing bears the text itself, and
    nothing better fills the page.
    """
    wanted = fold(query)
    if not wanted:
        return [], False
    matches, more = await _matches(tx, _SUBJECTS, {"wanted": wanted}, limit)
    if len(matches) <= limit and not _exact(matches) and (near := neighbours(wanted)):
        mistyped, more_typos = await _matches(tx, _TYPOS, {"near": " ".join(near)}, limit)
        matches = _merged(matches, mistyped)
        more = more or more_typos
    shown = dict(list(matches.items())[:limit])
    return await _purchases(tx, shown), more or len(matches) > limit


def _exact(matches: Mapping[str, Mapping[str, Match]]) -> bool:
    return any(match.how is MatchWay.EXACT for found in matches.values() for match in found.values())


async def _matches(
    tx: AsyncConnection, statement: Any, wanted: Mapping[str, str], limit: int
) -> tuple[dict[str, dict[str, Match]], bool]:
    """The matches of each purchase by entity, the best first, and whether the functions left texts out."""
    found: dict[str, dict[str, Match]] = {}
    more = False
    for each in TEXTS_A_PURCHASE:
        texts = each * (limit + 1)
        asked = {"shown": limit + 1, "texts": texts, "fields": _FIELDS, **wanted}
        rows = (await tx.execute(statement, asked)).all()
        found, more = _by_purchase(rows), bool(rows) and rows[0].texts >= texts
        if not more or len(found) > limit:
            break
    return found, more


def _by_purchase(rows: Sequence[Row[Any]]) -> dict[str, dict[str, Match]]:
    found: dict[str, dict[str, Match]] = {}
    for row in rows:
        found.setdefault(row.purchase, {})[row.id] = Match(SearchField(row.field), _WAYS[row.way - 1])
    return found


def _merged(
    better: dict[str, dict[str, Match]], worse: dict[str, dict[str, Match]]
) -> dict[str, dict[str, Match]]:
    return {purchase: worse.get(purchase, {}) | better.get(purchase, {}) for purchase in [*better, *worse]}


async def _purchases(tx: AsyncConnection, matches: Mapping[str, Mapping[str, Match]]) -> list[Purchase]:
    if not matches:
        return []
    orders: dict[str, Entity] = {}
    parts: dict[str, list[Entity]] = {}
    for row in await tx.execute(_OF_PURCHASES, {"purchases": list(matches)}):
        entity = Entity(row.store_id, row.id, row.kind, row.status, row.view)
        if row.kind == ORDER.name:
            orders[row.id] = entity
        else:
            parts.setdefault(row.order_id or row.id, []).append(entity)
    shown = (_purchase(orders.get(each), parts.get(each, ()), found) for each, found in matches.items())
    return [each for each in shown if each is not None]


def _purchase(order: Entity | None, parts: Sequence[Entity], found: Mapping[str, Match]) -> Purchase | None:
    if order is None or (order.id not in found and len(found) == 1):
        alone = next((each for each in parts if each.id in found), None)
        return None if alone is None else Purchase(alone, found[alone.id])
    best = found.get(order.id) or next(iter(found.values()))
    return Purchase(order, best, tuple(Part(each, found.get(each.id)) for each in parts))
