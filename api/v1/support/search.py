"""Support's search: one box for everything that a customer can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from pydantic.dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import Body, example
from api.http.answers import ANSWER, Answer
from api.http.dependencies import Searcher, TheResources
from api.http.json_bodies import StrictRoute
from api.v1.lists import LIMIT_AT_MOST, Limit, Words, people_of
from api.v1.orders.answers import Order, order_answer
from api.v1.responses import LIST, SEARCH
from api.v1.subscriptions.answers import Subscription, subscription_answer
from jalon.domain.kinds import ORDER
from jalon.domain.searching import MatchWay, SearchField
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.operations import searching
from jalon.persistence.operations.searching import Part, Purchase
from jalon.persistence.people.parties import Parties, Party

FOUND_BY_DEFAULT = 20
_Q = "A part of an e-mail address, name, company, order number, purchase-order number, payment reference or id; one typo is forgiven."


class Match(Answer):
    """What was found, and how: all of a field, a word of it, the beginning of a word, a part, or a text that is one typo away."""

    field: SearchField
    how: MatchWay


class OrderedSubscription(Answer):
    """A subscription of a found order. `matched` is None where it was not found itself."""

    id: str
    sku: str
    product: str
    quantity: int
    status: str
    standing: str
    matched: Match | None


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class FoundOrder(Order):
    """An order among the results, with its subscriptions. `matched` is the best match of any of them."""

    kind: Literal["order"] = "order"
    matched: Match
    subscriptions: tuple[OrderedSubscription, ...]


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class FoundSubscription(Subscription):
    """A subscription among the results, of whose order nothing else was found."""

    kind: Literal["subscription"] = "subscription"
    matched: Match


class SearchResult(Answer):
    """Orders and subscriptions, the best match first and then the newest. Where `has_more`, a longer text finds the others."""

    data: list[Annotated[FoundOrder | FoundSubscription, Field(discriminator="kind")]]
    has_more: bool


class Search(Body):
    """What to look for. A body leaves no trace of it in the address of a request."""

    model_config = example(q="ada@example.com")

    q: Annotated[Words, Field(min_length=1, max_length=254, description=_Q)]
    limit: Annotated[int, Field(ge=1, le=LIMIT_AT_MOST)] = FOUND_BY_DEFAULT


routes = APIRouter(prefix="/v1/support", tags=["support"], route_class=StrictRoute)


@routes.get("/search", responses=LIST)
async def search_entities(
    q: Annotated[Words, Query(min_length=1, max_length=254, description=_Q)],
    caller: Searcher,
    resources: TheResources,
    limit: Limit = FOUND_BY_DEFAULT,
) -> SearchResult:
    """Orders and subscriptions by any text that is known of them or of their people.

    Case, accents, blanks, hyphens and # do not count. A purchase is shown once, with what was found and how.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        return await found_by(tx, resources.parties, caller.role, q, limit)


@routes.post("/search", responses=SEARCH)
async def search_entities_by_body(body: Search, caller: Searcher, resources: TheResources) -> SearchResult:
    """The same as GET, with the text in the body: an address that is logged on its way then holds no personal data.

    It records nothing and takes no Idempotency-Key.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        return await found_by(tx, resources.parties, caller.role, body.q, body.limit)


async def found_by(tx: AsyncConnection, parties: Parties, role: str, query: str, limit: int) -> SearchResult:
    """What the text finds in the transaction's stores, as an answer for the role."""
    found, more = await searching.search(tx, query, limit)
    known = await people_of(tx, parties, [each.entity for each in found])
    return SearchResult(data=[_answer(each, known, role) for each in found], has_more=more)


def _answer(found: Purchase, known: Mapping[str, Party], role: str) -> FoundOrder | FoundSubscription:
    view = found.entity.view
    if found.entity.kind == ORDER.name:
        parts = tuple(map(_part, found.parts))
        return FoundOrder(
            **_fields(order_answer(view, known, role)), matched=_match(found.match), subscriptions=parts
        )
    return FoundSubscription(**_fields(subscription_answer(view, known, role)), matched=_match(found.match))


def _fields(answer: Order | Subscription) -> dict[str, Any]:
    return {each.name: getattr(answer, each.name) for each in fields(answer)}


def _part(part: Part) -> OrderedSubscription:
    projected = subscription_of(part.entity.view)
    return OrderedSubscription(
        id=projected.id,
        sku=projected.sku,
        product=projected.product,
        quantity=projected.quantity,
        status=projected.status,
        standing=projected.standing,
        matched=None if part.match is None else _match(part.match),
    )


def _match(match: searching.Match) -> Match:
    return Match(field=match.field, how=match.how)
