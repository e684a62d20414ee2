"""What happened to an order or subscription, why it waits, and what will happen next."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Reader, TheResources
from api.http.rendering import agenda, in_zone, is_shown, person, rendered, timeline_item
from api.http.resources import ApiResources
from api.v1.answers import TIMELINE
from api.v1.lists import seen
from jalon.inbox.caller import Caller
from jalon.persistence.entities import entities, timelines
from jalon.persistence.entities.entities import Entity, people_in
from jalon.persistence.entities.timelines import TimelineItem
from jalon.persistence.operations import stalled
from jalon.persistence.operations.stalled import Stalled
from jalon.persistence.people.parties import Party

routes = APIRouter(prefix="/v1", tags=["timelines"])

Include = Annotated[
    Literal["subscriptions"] | None,
    Query(description="Merges the lives of the order's subscriptions into its own."),
]


@routes.get("/orders/{order_id}/timeline", responses=TIMELINE, response_model=None)
async def order_timeline(
    order_id: str, caller: Reader, resources: TheResources, include: Include = None
) -> Response:
    """The order's life, with a summary of its subscriptions and, if asked for, everything that happened to them."""
    async with resources.sessions.of(*caller.stores) as tx:
        order = await seen(tx, "order", order_id)
        subscriptions = await entities.of_order(tx, order_id)
        included = subscriptions if include else []
        answer = await _timeline(tx, resources, caller, order, included)
    zone = answer["zone"]
    answer["subscriptions"] = [_summary(each, zone) for each in subscriptions]
    return JSONResponse(answer)


@routes.get("/subscriptions/{subscription_id}/timeline", responses=TIMELINE, response_model=None)
async def subscription_timeline(subscription_id: str, caller: Reader, resources: TheResources) -> Response:
    """The subscription's life."""
    async with resources.sessions.of(*caller.stores) as tx:
        subscription = await seen(tx, "subscription", subscription_id)
        return JSONResponse(await _timeline(tx, resources, caller, subscription, []))


async def _timeline(
    tx: AsyncConnection, resources: ApiResources, caller: Caller, entity: Entity, included: list[Entity]
) -> dict[str, Any]:
    zone = resources.policies[entity.store].store.zone
    happened = await timelines.timeline_items(tx, [entity.id, *(each.id for each in included)])
    recipients = [each.data["to"] for each in happened if each.kind == "mail"]
    wanted = dict.fromkeys([*people_in([entity.view]), *recipients])
    people = await resources.parties.read(tx, *wanted) if wanted else {}
    view = rendered(entity.view, people, caller.role)
    return {
        "id": entity.id,
        "kind": entity.kind,
        "store": entity.store,
        "number": entity.view.get("number"),
        "status": entity.status,
        "zone": zone,
        "buyer": view["buyer"],
        "waiting_for": view.get("waiting_for"),
        "waits_for": view["waits_for"],
        "parked": [each | {"stalled": False} for each in view.get("parked", [])]
        + [_stalled(each) for each in await stalled.of_entity(tx, entity.id)],
        "agenda": agenda(entity.view, zone)
        + [entry for each in included for entry in _agenda_of(each, zone)],
        "timeline": [_line(each, zone, caller, people) for each in happened if _is_shown(each, caller)],
    }


def _stalled(step: Stalled) -> dict[str, Any]:
    stopped: dict[str, Any] = to_jsonable_python(step)
    return stopped | {"reason": None, "editable": {}, "stalled": True}


def _agenda_of(subscription: Entity, zone: str) -> list[dict[str, Any]]:
    return [entry | {"entity": subscription.id} for entry in agenda(subscription.view, zone)]


def _is_shown(each: TimelineItem, caller: Caller) -> bool:
    return each.kind != "event" or is_shown(each.event, caller.role)


def _line(each: TimelineItem, zone: str, caller: Caller, people: dict[str, Party]) -> dict[str, Any]:
    line = timeline_item(each, zone, caller)
    if each.kind == "mail":
        line["data"] = line["data"] | {"to": person(each.data["to"], people)}
    return line


def _summary(subscription: Entity, zone: str) -> dict[str, Any]:
    view, to_come = subscription.view, agenda(subscription.view, zone)
    term_end = view.get("term_end")
    return {
        "id": subscription.id,
        "status": subscription.status,
        "product": view.get("product"),
        "quantity": view.get("quantity"),
        "waiting_for": view.get("waiting_for"),
        "term_end": in_zone(term_end, zone) if term_end else None,
        "next": to_come[0] if to_come else None,
    }
