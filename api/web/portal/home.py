"""The first page of the portal: everything that a person has at a store, on the site of their country (P1, P2, P13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import resources_of
from api.web.hosted.pages import pages_of
from api.web.portal.page_models import HomePage, Listed, Used
from api.web.portal.sign_in import html, show_sign_in
from api.web.portal.sites import Elsewhere, Visitor, own_site, site_of, visitor_of
from jalon.domain.kinds import ORDER, SUBSCRIPTION, Kind
from jalon.domain.projections import OrderProjection, SeatState, SubscriptionProjection
from jalon.domain.statuses import ORDER_OVER, OrderStatus, Status, SubscriptionStatus
from jalon.integrations.links import Link
from jalon.persistence.entities import entities
from jalon.persistence.entities.entities import Entity, Filters
from jalon.persistence.entities.projections import order_of, subscription_of

routes = APIRouter(prefix="/portal", include_in_schema=False)
LISTED_AT_MOST = 50
AFTER, ORDERS_AFTER, EARLIER_AFTER = "after", "orders_after", "earlier_after"
"""In the address of a later page, the last id of the one before: of the subscriptions, the orders under way, the completed ones."""
SHOWN = tuple(each for each in SubscriptionStatus if each is not SubscriptionStatus.VOID)
"""A line that lapsed has left the portal (P5), and so has its order."""
UNDER_WAY = tuple(each for each in OrderStatus if each not in ORDER_OVER)
COMPLETED = (OrderStatus.COMPLETED,)
PASSED_ON: Final = "passed_on"
"""What somebody has done who comes from a subscription that they passed on at once."""


@routes.get("/{store}/{country}")
async def show_home(request: Request, store: str, country: str) -> Response:
    """The list of whoever is signed in, else the sign-in."""
    site = site_of(request, store, country)
    visitor = await visitor_of(request, site)
    if visitor is None:
        return show_sign_in(request, site)
    page = await _home(request, visitor)
    passed_on = request.query_params.get("done") == PASSED_ON
    return html(pages_of(request).show(replace(page, done=PASSED_ON) if passed_on else page))


async def show_elsewhere(request: Request, error: Exception) -> Response:
    """The way to the site of the country of registration, for somebody who asked for a page on another one (P13)."""
    if not isinstance(error, Elsewhere):
        raise error
    page = replace(_page(error.visitor), elsewhere=error.path, country=error.site.country)
    status = HTTPStatus.OK if request.method == "GET" else HTTPStatus.CONFLICT
    return html(pages_of(request).show(page), status)


async def _home(request: Request, visitor: Visitor) -> HomePage:
    site, party = visitor.site, visitor.person.id
    store = site.policy.id
    async with resources_of(request).sessions.of(store) as tx:
        own = await own_site(tx, visitor)
        if own is not None:
            return replace(_page(visitor), elsewhere=own.base, country=own.country)
        owned, more = await _part(request, tx, visitor, SUBSCRIPTION, SHOWN, AFTER)
        under_way, more_orders = await _part(request, tx, visitor, ORDER, UNDER_WAY, ORDERS_AFTER)
        completed, more_earlier = await _part(request, tx, visitor, ORDER, COMPLETED, EARLIER_AFTER)
        held = await entities.seats_held(tx, party, LISTED_AT_MOST)
        used = await _used(request, visitor, tx, [subscription_of(each.view) for each in held])
    subscriptions = [subscription_of(each.view) for each in owned]
    return replace(
        _page(visitor),
        subscriptions=tuple(
            Listed(
                f"{site.base}/subscriptions/{each.id}",
                subscription=each,
                milestones=SUBSCRIPTION.milestones(each),
            )
            for each in subscriptions
        ),
        used=used,
        orders=_orders(request, store, under_way),
        earlier=_orders(request, store, completed),
        more=more,
        more_orders=more_orders,
        more_earlier=more_earlier,
        is_paged=any(each in request.query_params for each in (AFTER, ORDERS_AFTER, EARLIER_AFTER)),
    )


async def _part(
    request: Request,
    tx: AsyncConnection,
    visitor: Visitor,
    kind: Kind[Any],
    statuses: Sequence[Status],
    cursor: str,
) -> tuple[list[Entity], str | None]:
    """A page of one of the lists, and where the next one is."""
    filters = Filters(
        kind.name,
        (visitor.site.policy.id,),
        LISTED_AT_MOST,
        after=request.query_params.get(cursor),
        statuses=statuses,
        buyers=[visitor.person.id],
    )
    found = await entities.listed(tx, filters)
    shown = found[:LISTED_AT_MOST]
    follows = len(found) > len(shown)
    return shown, f"{visitor.site.base}?{cursor}={shown[-1].id}" if follows else None


def _orders(request: Request, store: str, found: Sequence[Entity]) -> tuple[Listed, ...]:
    orders = [order_of(each.view) for each in found]
    return tuple(Listed(_order_url(request, store, each), order=each) for each in orders)


def _order_url(request: Request, store: str, order: OrderProjection) -> str:
    """The order's own page, as the link of an e-mail to its buyer opens it."""
    link = Link("order", store, order.id, reader=order.buyer_names or order.buyer or "")
    return f"/h/order/{resources_of(request).links.sign(link)}"


async def _used(
    request: Request, visitor: Visitor, tx: AsyncConnection, held: Sequence[SubscriptionProjection]
) -> tuple[Used, ...]:
    """What the person uses of others' subscriptions, and whom to ask about it."""
    resources, me = resources_of(request), visitor.person.id
    # A person who is being checked hears nothing before they are cleared (X19).
    others = [
        each
        for each in held
        if each.admin != me
        and each.status is SubscriptionStatus.ACTIVE
        and any(seat.party == me and seat.state is not SeatState.HELD for seat in each.seats)
    ]
    owners = await resources.parties.read(tx, *(each.admin for each in others))
    found = []
    for each in others:
        owner, seat = owners.get(each.admin), next(seat for seat in each.seats if seat.party == me)
        invited = seat.state is SeatState.INVITED and seat.invitation is not None
        subject = f"{seat.number}.{seat.invitation}"
        link = Link("invitation", visitor.site.policy.id, each.id, subject, me)
        url = f"/h/invitation/{resources.links.sign(link)}" if invited else None
        name, email = (owner.name, owner.email) if owner else ("", "")
        fewer = each.fewer_seats
        leaves_at = fewer.at if fewer is not None and seat.number in fewer.leaving else None
        open_until = seat.open_until if invited else None
        found.append(Used(each.product, name, email, url, open_until, leaves_at))
    return tuple(found)


def _page(visitor: Visitor) -> HomePage:
    """The page of this visitor, with nothing on it."""
    return HomePage(
        language=visitor.language,
        store=visitor.site.store,
        base=visitor.site.base,
        person=visitor.person.name,
        email=visitor.person.email,
        now=visitor.now,
    )
