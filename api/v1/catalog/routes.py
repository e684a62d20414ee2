"""The catalog, entitlements and the feed of events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import Code, EmailAddress, StoreId
from api.http.dependencies import Reader, TheResources
from api.http.json_bodies import StrictRoute
from api.http.rendering import is_shown, public
from api.v1.catalog.answers import (
    Catalog,
    Entitlement,
    Event,
    EventPage,
    Grant,
    Product,
    ProductRefusal,
    TermPrice,
)
from api.v1.lists import Limit, StoreQuery
from api.v1.responses import LIST_IN_STORE
from api.v1.terms.answers import TermsReference
from jalon.domain.projections import SeatState, SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus
from jalon.inbox.caller import Caller
from jalon.persistence.entities import entities, outbox
from jalon.persistence.entities.entities import Entity
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.operations import clocks
from jalon.policy.decisions.offers import Offer
from jalon.policy.decisions.placement import catalog_view
from jalon.policy.model.catalog import Document

routes = APIRouter(prefix="/v1", tags=["catalog"], route_class=StrictRoute)


@routes.get("/catalog", responses=LIST_IN_STORE)
async def read_catalog(
    store: Annotated[StoreId, Query()],
    country: Annotated[Code, Query(description="ISO 3166-1 alpha-2.")],
    audience: Annotated[Code, Query()],
    currency: Annotated[Code, Query(description="ISO 4217.")],
    caller: Reader,
    resources: TheResources,
) -> Catalog:
    """Every product of the store, with its price for this buyer, or the reason why it cannot be bought and who sells it (D5)."""
    policy = resources.policies[caller.seeing(store)[0]]
    async with resources.sessions.of(policy.id) as tx:
        now = await clocks.clock_now(tx, policy.id)
    pages = f"{resources.settings.public_url}/h/terms/{policy.id}"
    return Catalog(
        store=store,
        data=[
            _product(offer, _terms(policy.documents_in_force(policy.products[offer.sku], now), pages))
            for offer in catalog_view(policy, country, audience, currency, now)
        ],
    )


def _terms(documents: tuple[Document, ...], pages: str) -> list[TermsReference]:
    return [
        TermsReference(
            layer=document.layer,
            version=document.version,
            title=document.title,
            sha256=document.sha256,
            page=f"{pages}/{document.sha256}",
        )
        for document in documents
    ]


def _product(offer: Offer, terms: list[TermsReference]) -> Product:
    return Product(
        sku=offer.sku,
        names=offer.names,
        item_family=offer.item_family,
        licence_kinds=[cast(Any, kind) for kind in offer.licence_kinds],
        seats_per_unit=offer.seats_per_unit,
        buyable=offer.buyable,
        terms=[
            TermPrice(
                term=each.term,
                price=each.price,
                self_service_max_quantity=each.self_service_max_quantity or None,
            )
            for each in offer.offers
        ],
        refusals=[
            ProductRefusal(code=each.code, message=each.message, rule=each.rule) for each in offer.refusals
        ],
        terms_documents=terms,
        contact=offer.contact,
        support=offer.support_email,
    )


@routes.get("/entitlements", responses=LIST_IN_STORE)
async def read_entitlement(
    store: Annotated[StoreId, Query()],
    email: Annotated[EmailAddress, Query()],
    sku: Annotated[Code, Query()],
    caller: Reader,
    resources: TheResources,
) -> Entitlement:
    """Whether a person may use a product now: through a seat, or as the admin where a product has no users (P1, H12)."""
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        people = await resources.parties.find(tx, email)
        found = await entities.used_by(tx, store, people[0], sku) if people else []
        grants = await _grants(tx, store, people, found)
    return Entitlement(store=store, sku=sku, entitled=bool(grants), subscriptions=grants)


async def _grants(tx: AsyncConnection, store: str, people: list[str], found: list[Entity]) -> list[Grant]:
    now = await clocks.clock_now(tx, store)
    grants = []
    for each in found:
        subscription = subscription_of(each.view)
        seat = next((seat for seat in subscription.seats if seat.party in people), None)
        held = seat is not None and seat.state is SeatState.ASSIGNED
        as_admin = subscription.admin in people and not subscription.user_management
        active = subscription.status is SubscriptionStatus.ACTIVE and not _over(subscription, now)
        if active and (held or as_admin):
            grants.append(
                Grant(
                    id=subscription.id,
                    status=subscription.status,
                    seat=seat.number if seat and held else None,
                    term_end=subscription.term_end,
                )
            )
    return grants


def _over(subscription: SubscriptionProjection, now: datetime) -> bool:
    """Whether a stopped subscription's last term has ended, even in the seconds before that is recorded (H25)."""
    until = subscription.usable_until
    return subscription.stop_requested_at is not None and until is not None and until <= now


@routes.get("/events", responses=LIST_IN_STORE)
async def list_events(
    caller: Reader,
    resources: TheResources,
    store: StoreQuery = None,
    after: Annotated[int, Query(ge=0, le=2**62, description="The `next` of the page before.")] = 0,
    limit: Limit = 100,
) -> EventPage:
    """Events, oldest first. Each event is listed once, always after the events that were listed before it."""
    stores = list(caller.seeing(store))
    async with resources.sessions.of(*stores) as tx:
        found = await outbox.since(tx, stores, after, limit)
    more = len(found) == limit
    return EventPage(data=shown(found, caller), has_more=more, next=found[-1].id if found else after)


def shown(found: list[outbox.Event], caller: Caller) -> list[Event]:
    """Events as answers, without those that the caller's role may not see."""
    return [_event(each, caller) for each in found if is_shown(each.type.rpartition(".")[2], caller.role)]


def _event(each: outbox.Event, caller: Caller) -> Event:
    return Event(
        id=each.id,
        store=each.store,
        entity=each.entity,
        type=each.type,
        at=each.at,
        data=public(each.data, caller.role),
    )
