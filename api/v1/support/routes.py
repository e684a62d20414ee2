"""Support: lists what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter

from api.http.dependencies import Searcher, TheResources
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.v1.lists import After, Limit, clocks_of, cursor_of, people_of, place_of
from api.v1.orders.answers import order_answer
from api.v1.responses import LIST
from api.v1.subscriptions.answers import subscription_answer
from api.v1.support.answers import SupportTask, TaskPage
from jalon.domain.kinds import ORDER
from jalon.persistence.entities.entities import Entity
from jalon.persistence.operations import worklists
from jalon.persistence.people.parties import Party

CONTACT_BUYER = "Tell the buyer why the order takes so long, and what comes next."
ANNOUNCE_RENEWAL = (
    "No notice of the renewal has reached the customer. Correct the contact address (POST /v1/people/{id}/changes), which sends the "
    "notice again; or send it again as it is (POST /v1/subscriptions/{id}/renewal-notices); or tell the customer in another way and "
    "record how (POST /v1/subscriptions/{id}/renewal-notices/told)."
)

routes = APIRouter(prefix="/v1/support", tags=["support"], route_class=StrictRoute)


@routes.get("/tasks", responses=LIST)
async def list_tasks(
    caller: Searcher, resources: TheResources, limit: Limit = 50, after: After = None
) -> TaskPage:
    """What waits for support, the longest waiting first.

    Buyers whose orders went without news for too long (T10), and customers of whose renewal no notice reached them (X16).
    """
    async with resources.sessions.of(*caller.stores) as tx:
        last = place_of(after) if after is not None else None
        found = await worklists.tasks_of_support(tx, limit + 1, last)
        known = await people_of(tx, resources.parties, found[:limit])
        now = await clocks_of(tx, found[:limit])
    more = len(found) > limit
    return TaskPage(
        data=[_task(each, known, caller.role, resources) for each in found[:limit]],
        has_more=more,
        next=_cursor(found[limit - 1]) if more else None,
        clocks=now,
    )


def _cursor(task: Entity) -> str:
    since = task.view["delayed_at" if task.kind == ORDER.name else "notice_missing_since"]
    return cursor_of(since, task.id)


def _task(found: Entity, known: Mapping[str, Party], role: str, resources: ApiResources) -> SupportTask:
    policy = resources.policies[found.store]
    if found.kind == ORDER.name:
        order = order_answer(found.view, known, role)
        return SupportTask(
            task="contact_buyer",
            to_do=CONTACT_BUYER,
            rule="T10",
            since=_known(order.delayed_at),
            until=None,
            contact=policy.route("order_late"),
            order=order,
            subscription=None,
        )
    subscription = subscription_answer(found.view, known, role)
    begun = subscription.charge_waits_for is not None
    product = policy.products.get(subscription.sku)
    return SupportTask(
        task="announce_renewal",
        to_do=ANNOUNCE_RENEWAL,
        rule="X16",
        since=_known(subscription.notice_missing_since),
        until=None if begun else subscription.term_end,
        contact=policy.support_for(product) if product else policy.store.support_email,
        order=None,
        subscription=subscription,
    )


def _known(since: datetime | None) -> datetime:
    if since is None:
        raise LookupError("a task has no beginning")
    return since
