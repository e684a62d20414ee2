"""What may be bought by whom, who may use it now, and what happened since."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Reader, TheResources
from api.http.rendering import is_shown, public
from api.v1.answers import CATALOG, ENTITLEMENT, EVENTS
from api.v1.bodies import Code, EmailAddress, StoreId
from api.v1.lists import Limit, StoreQuery
from jalon.domain.statuses import SubscriptionStatus
from jalon.inbox.caller import Caller
from jalon.persistence.entities import entities, outbox
from jalon.persistence.entities.entities import Entity
from jalon.persistence.inbox import targets as inbox
from jalon.policy.decisions.offers import Offer
from jalon.policy.decisions.placement import catalog_view

routes = APIRouter(prefix="/v1", tags=["catalog"])


@routes.get("/catalog", responses=CATALOG, response_model=None)
async def catalog(
    store: Annotated[StoreId, Query()],
    country: Annotated[Code, Query(description="ISO 3166-1 alpha-2.")],
    audience: Annotated[Code, Query()],
    currency: Annotated[Code, Query(description="ISO 4217.")],
    caller: Reader,
    resources: TheResources,
) -> Response:
    """Every product of the store: what it costs this buyer, or why it cannot be bought and who sells it (D5)."""
    policy = resources.policies[caller.seeing(store)[0]]
    offers = catalog_view(policy, country, audience, currency)
    return JSONResponse({"store": store, "data": [_offer(offer) for offer in offers]})


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "sku": offer.sku,
        "names": dict(offer.names),
        "item_family": offer.item_family,
        "licence_kinds": list(offer.licence_kinds),
        "seats_per_unit": offer.seats_per_unit,
        "buyable": offer.buyable,
        "terms": [
            {
                "term": each.term,
                "price": each.price.as_dict(),
                "self_service_max_quantity": each.self_service_max_quantity or None,
            }
            for each in offer.offers
        ],
        "refusals": [
            {"code": each.code, "message": each.message, "rule": each.rule} for each in offer.refusals
        ],
        "contact": offer.contact,
        "support": offer.support_email,
    }


@routes.get("/entitlements", responses=ENTITLEMENT, response_model=None)
async def entitlement(
    store: Annotated[StoreId, Query()],
    email: Annotated[EmailAddress, Query()],
    sku: Annotated[Code, Query()],
    caller: Reader,
    resources: TheResources,
) -> Response:
    """Whether a person may use a product now: through a seat, or as the buyer where a product has no users (P1)."""
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        people = await resources.parties.find(tx, email)
        found = await entities.used_by(tx, store, people[0], sku) if people else []
        grants = await _grants(tx, store, people, found)
    return JSONResponse({"store": store, "sku": sku, "entitled": bool(grants), "subscriptions": grants})


async def _grants(
    tx: AsyncConnection, store: str, people: list[str], found: list[Entity]
) -> list[dict[str, Any]]:
    now = await inbox.clock_now(tx, store)
    grants = []
    for subscription in found:
        view = subscription.view
        seat = next((seat for seat in view["seats"] if seat["party"] in people), None)
        held = seat is not None and seat["state"] == "assigned"
        as_buyer = view["buyer"] in people and not view["user_management"]
        if subscription.status == SubscriptionStatus.ACTIVE and (held or as_buyer) and not _over(view, now):
            grants.append(
                {
                    "id": subscription.id,
                    "status": subscription.status,
                    "seat": seat["number"] if seat and held else None,
                    "term_end": view["term_end"],
                }
            )
    return grants


def _over(view: dict[str, Any], now: datetime) -> bool:
    """A stopped subscription ends with its term, even in the seconds before that is recorded (H25)."""
    stopped = view.get("stop_requested_at") is not None
    return stopped and datetime.fromisoformat(view["term_end"]) <= now


@routes.get("/events", responses=EVENTS, response_model=None)
async def events(
    caller: Reader,
    resources: TheResources,
    store: StoreQuery = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="The `next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Response:
    """What happened, oldest first. Each event is shown once, and none appears before one that was shown."""
    stores = list(caller.seeing(store))
    async with resources.sessions.of(*stores) as tx:
        found = await outbox.since(tx, stores, after, limit)
    data = shown(found, caller)
    more = len(found) == limit
    return JSONResponse({"data": data, "has_more": more, "next": found[-1].id if found else after})


def shown(found: list[outbox.Event], caller: Caller) -> list[dict[str, Any]]:
    """Events as answers, without what the caller's role shall not see."""
    return [_event(each, caller) for each in found if is_shown(each.type.rpartition(".")[2], caller.role)]


def _event(each: outbox.Event, caller: Caller) -> dict[str, Any]:
    return {
        "id": each.id,
        "store": each.store,
        "entity": each.entity,
        "type": each.type,
        "at": each.at.isoformat(),
        "data": public(each.data, caller.role),
    }
