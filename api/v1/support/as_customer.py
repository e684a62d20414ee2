"""The page of an order or a subscription as its customer finds it, to be looked at: no form works, no link opens anything of theirs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.mail import NO_TOKEN
from api.http.answers import Answer, Person
from api.http.dependencies import Searcher, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.rendering import in_zone, person
from api.http.request_context import context_of
from api.http.resources import ApiResources
from api.v1.lists import seen
from api.v1.responses import READ
from api.web.hosted.links import country_of
from api.web.hosted.pages import pages_of
from api.web.orders.opened import open_order
from api.web.orders.status_page import order_page
from api.web.portal.acting import subscription_page
from api.web.portal.sites import Site, Visitor
from api.web.portal.visits import Visit
from jalon.domain.kinds import KINDS, ORDER
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.transition import AuditEntry
from jalon.inbox.caller import Caller
from jalon.integrations.links import Link
from jalon.persistence.entities.entities import Entity
from jalon.persistence.entities.projections import order_of, subscription_of
from jalon.persistence.operations import clocks, worklists
from jalon.persistence.people.vault import PersonErased

routes = APIRouter(prefix="/v1/support/entities", tags=["support"], route_class=StrictRoute)

_BEARER = re.compile(r"(/h/(?!terms/)[a-z]+/)[A-Za-z0-9_.~-]+")
_FORM = re.compile(r"<form\b[^>]*>")
_CONTROL = re.compile(r"<(input|button|select|textarea)\b")
_OWN_LINK = re.compile(r' href="(?=/(?!static/|h/terms/))')


class CustomersView(Answer):
    """A page as its reader finds it now: at the portal for a subscription, behind the e-mails' link for an order.

    It is for looking: its forms are inert, and its links lead nowhere that is the customer's.
    """

    entity: str
    page: Literal["order", "portal"]
    reader: Person
    at: datetime
    html: str


@routes.get("/{entity_id}/as-customer", responses=READ)
async def read_as_customer(
    request: Request, entity_id: str, caller: Searcher, resources: TheResources
) -> CustomersView:
    """The page that the customer sees, in their language, without a session of theirs. Every look is audited.

    A line that became void has left the portal (P5): its order's page tells of it.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, KINDS.of_id(entity_id) or ORDER, entity_id)
        now = await clocks.clock_now(tx, entity.store)
        entry = AuditEntry(now, caller.actor, caller.role, "view_as_customer", None, None, {})
        await worklists.record_audit(tx, entity.store, entity.id, entry)
    zone = resources.policies[entity.store].store.zone
    at_portal = entity.kind != ORDER.name and entity.status != SubscriptionStatus.VOID
    reader, html = await (_portal if at_portal else _order)(request, resources, entity)
    return CustomersView(
        entity=entity.id,
        page="portal" if at_portal else "order",
        reader=reader,
        at=in_zone(now, zone),
        html=inert(html),
    )


def inert(html: str) -> str:
    """The page without anything that acts: forms without a target, controls switched off, and no token of anybody."""
    html = _BEARER.sub(rf"\g<1>{NO_TOKEN}", html)
    html = _OWN_LINK.sub(' data-href="', html)
    return _CONTROL.sub(r"<\g<1> disabled", _FORM.sub("<form inert>", html))


async def _portal(request: Request, resources: ApiResources, entity: Entity) -> tuple[Person, str]:
    subscription = subscription_of(entity.view)
    async with resources.sessions.of(entity.store) as tx:
        visit, reader = await _visit(tx, resources, entity, subscription)
    shown = await subscription_page(request, visit)
    return reader, bytes(shown.body).decode()


async def _visit(
    tx: AsyncConnection, resources: ApiResources, entity: Entity, subscription: SubscriptionProjection
) -> tuple[Visit, Person]:
    """The visit that the admin would make now. No session is made for it, and its caller may do nothing."""
    people = await resources.parties.read(tx, subscription.admin)
    admin = people.get(subscription.admin)
    if admin is None:
        raise PersonErased("the admin was erased")
    site = Site(resources.policies[entity.store], await country_of(tx, subscription))
    now = await clocks.clock_now(tx, entity.store)
    visitor = Visitor(site, admin, "", is_fresh=False, now=now)
    nobody = Caller("nobody", "nobody", "nobody", ())
    base = f"{site.base}/subscriptions/{subscription.id}"
    visit = Visit(subscription, site.policy, now, visitor.language, base, nobody, site, visitor)
    return visit, person(subscription.admin, people)


async def _order(request: Request, resources: ApiResources, entity: Entity) -> tuple[Person, str]:
    order_id = entity.id if entity.kind == ORDER.name else subscription_of(entity.view).order_id
    async with resources.sessions.of(entity.store) as tx:
        order = order_of((await seen(tx, ORDER, order_id)).view)
        if order.buyer is None:
            raise not_found("No buyer")
        people = await resources.parties.read(tx, order.buyer)
    link = Link("order", order.store, order.id, reader=order.buyer_names or order.buyer)
    context = context_of(request.scope)
    asker = context.caller
    opened = await open_order(request, "order", resources.links.sign(link))
    context.caller = asker
    html = pages_of(request).show(order_page(request, opened))
    return person(order.buyer, people), html
