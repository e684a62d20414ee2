"""Support: finds orders and subscriptions, and lists orders that wait for a person."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.http.dependencies import Searcher, TheResources
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.v1.lists import AfterId, Limit, no_cursor, people_of, show_all
from api.v1.orders.answers import Order, order_answer
from api.v1.responses import LIST
from api.v1.subscriptions.answers import Subscription, subscription_answer
from api.v1.support.answers import FoundOrder, FoundSubscription, SearchResult, SupportTask, TaskPage
from jalon.addresses import is_address
from jalon.domain.kinds import ORDER
from jalon.persistence.entities import entities
from jalon.persistence.entities.projections import order_of
from jalon.persistence.operations import worklists

routes = APIRouter(prefix="/v1/support", tags=["support"], route_class=StrictRoute)


@routes.get("/search", responses=LIST)
async def search_entities(
    q: Annotated[str, Query(min_length=1, max_length=254, description="An exact e-mail, number or id.")],
    caller: Searcher,
    resources: TheResources,
    limit: Limit = 20,
) -> SearchResult:
    """Orders and subscriptions by exact e-mail address, order number, purchase-order number or id."""
    query = q.strip()
    async with resources.sessions.of(*caller.stores) as tx:
        people = await resources.parties.find(tx, query) if is_address(query) else []
        found = await worklists.search(tx, query, people, limit)
        known = await people_of(tx, resources.parties, found)
    return SearchResult(
        data=[
            FoundOrder(**_fields(order_answer(each.view, known, caller.role)))
            if each.kind == ORDER.name
            else FoundSubscription(**_fields(subscription_answer(each.view, known, caller.role)))
            for each in found
        ]
    )


def _fields(answer: Order | Subscription) -> dict[str, Any]:
    return {each.name: getattr(answer, each.name) for each in fields(answer)}


@routes.get("/tasks", responses=LIST)
async def list_tasks(
    caller: Searcher, resources: TheResources, limit: Limit = 50, after: AfterId = None
) -> TaskPage:
    """Orders without news for too long: their buyers are to be contacted, the longest waiting first (T10)."""
    async with resources.sessions.of(*caller.stores) as tx:
        last = await entities.find(tx, ORDER, after) if after is not None else None
        if after is not None and (last is None or order_of(last.view).delayed_at is None):
            raise no_cursor(after)
        found = await worklists.delayed_orders(tx, limit + 1, after)
        data = await show_all(tx, resources.parties, found[:limit], caller.role, order_answer)
    more = len(found) > limit
    return TaskPage(
        data=[_task(order, resources) for order in data],
        has_more=more,
        next=found[limit - 1].id if more else None,
    )


def _task(order: Order, resources: ApiResources) -> SupportTask:
    if order.delayed_at is None:
        raise LookupError(f"{order.id} is not delayed")
    contact = resources.policies[order.store].route("order_late")
    return SupportTask(task="contact_buyer", rule="T10", since=order.delayed_at, contact=contact, order=order)
