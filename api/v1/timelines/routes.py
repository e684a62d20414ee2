"""The timeline of an order or subscription: what happened, what it waits for, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Reader, TheResources
from api.http.json_bodies import StrictRoute
from api.http.rendering import STAFF, in_zone, is_shown, person, public
from api.http.resources import ApiResources
from api.v1.lists import seen
from api.v1.responses import READ
from api.v1.timelines.answers import (
    DatedEntry,
    EntityTimeline,
    StoppedStep,
    SubscriptionSummary,
    TimelineLine,
)
from api.v1.waits import words_for
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.projections import AgendaEntry, Projection
from jalon.inbox.caller import Caller
from jalon.persistence.entities import entities, timelines
from jalon.persistence.entities.entities import Entity, people_in
from jalon.persistence.entities.projections import projection_of, subscription_of
from jalon.persistence.entities.timelines import TimelineItem
from jalon.persistence.ids import PREFIXES
from jalon.persistence.operations import stalled
from jalon.persistence.people.parties import Party

routes = APIRouter(prefix="/v1", tags=["timelines"], route_class=StrictRoute)

Include = Annotated[
    Literal["subscriptions"] | None,
    Query(description="Merges the lives of the order's subscriptions into its own."),
]


@routes.get("/orders/{order_id}/timeline", responses=READ)
async def read_order_timeline(
    order_id: str, caller: Reader, resources: TheResources, include: Include = None
) -> EntityTimeline:
    """The order's timeline, with a summary of its subscriptions and, if requested, their timeline items."""
    async with resources.sessions.of(*caller.stores) as tx:
        order = await seen(tx, ORDER, order_id)
        subscriptions = await entities.of_order(tx, order_id)
        included = subscriptions if include else []
        zone = resources.policies[order.store].store.zone
        summaries = [_summary(each, zone) for each in subscriptions]
        return await timeline_of(tx, resources, caller, order, included, summaries)


@routes.get("/subscriptions/{subscription_id}/timeline", responses=READ)
async def read_subscription_timeline(
    subscription_id: str, caller: Reader, resources: TheResources
) -> EntityTimeline:
    """The subscription's timeline."""
    async with resources.sessions.of(*caller.stores) as tx:
        subscription = await seen(tx, SUBSCRIPTION, subscription_id)
        return await timeline_of(tx, resources, caller, subscription)


async def timeline_of(
    tx: AsyncConnection,
    resources: ApiResources,
    caller: Caller,
    entity: Entity,
    included: Sequence[Entity] = (),
    summaries: list[SubscriptionSummary] | None = None,
) -> EntityTimeline:
    """The timeline of an entity of any kind for a caller, with the items of `included` subscriptions and their `summaries`."""
    zone = resources.policies[entity.store].store.zone
    projected = projection_of(entity.kind, entity.view)
    happened = await timelines.timeline_items(tx, [entity.id, *(each.id for each in included)])
    recipients = [each.data["to"] for each in happened if each.kind == "mail"]
    wanted = dict.fromkeys([*people_in([entity.view]), *recipients])
    people = await resources.parties.read(tx, *wanted) if wanted else {}
    return EntityTimeline(
        id=entity.id,
        kind=entity.kind,
        store=entity.store,
        number=projected.number,
        status=projected.status,
        standing=projected.standing,
        zone=zone,
        buyer=person(projected.buyer, people, projected.buyer_names) if projected.buyer else None,
        waiting_for=projected.waiting_for,
        waits_for=words_for(projected.waiting_for),
        parked=await _stopped(tx, projected) if caller.role in STAFF else [],
        agenda=[_dated(entry, zone) for entry in projected.agenda]
        + [_dated(entry, zone, each.id) for each in included for entry in subscription_of(each.view).agenda],
        timeline=[_line(each, zone, caller, people) for each in happened if _is_shown(each, caller)],
        subscriptions=summaries,
    )


async def _stopped(tx: AsyncConnection, projected: Projection) -> list[StoppedStep]:
    parked = [StoppedStep(**_fields(step), stalled=False) for step in projected.parked]
    return parked + [
        StoppedStep(**asdict(step), reason=None, editable={}, stalled=True)
        for step in await stalled.of_entity(tx, projected.id)
    ]


def _fields(part: Any) -> dict[str, Any]:
    return {each.name: getattr(part, each.name) for each in fields(part)}


def _dated(entry: AgendaEntry, zone: str, entity: str | None = None) -> DatedEntry:
    return DatedEntry(**_fields(entry) | {"due_at": in_zone(entry.due_at, zone)}, entity=entity)


def _is_shown(each: TimelineItem, caller: Caller) -> bool:
    return each.kind != "event" or is_shown(each.event, caller.role)


def _line(each: TimelineItem, zone: str, caller: Caller, people: Mapping[str, Party]) -> TimelineLine:
    """One timeline item, in the store's zone. Only staff see which employee acted."""
    known = each.actor in (None, caller.actor) or caller.role in STAFF
    data = public(each.data, caller.role)
    if each.kind == "mail":
        data = data | {"to": person(each.data["to"], people).model_dump(mode="json")}
    return TimelineLine(
        at=in_zone(each.at, zone),
        kind=cast(Any, each.kind),
        event=each.event,
        rule=each.rule,
        actor=each.actor if known or str(each.actor).startswith(PREFIXES["party"]) else "staff",
        entity=each.entity,
        data=data,
    )


def _summary(entity: Entity, zone: str) -> SubscriptionSummary:
    subscription = subscription_of(entity.view)
    return SubscriptionSummary(
        id=subscription.id,
        status=subscription.status,
        standing=subscription.standing,
        product=subscription.product,
        quantity=subscription.quantity,
        waiting_for=subscription.waiting_for,
        waits_for=words_for(subscription.waiting_for),
        term_end=in_zone(subscription.term_end, zone) if subscription.term_end else None,
        next=_dated(subscription.agenda[0], zone) if subscription.agenda else None,
    )
