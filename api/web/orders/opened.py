"""The order behind a signed link of an e-mail, with its lines, its terms and what happened to its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from activities.identities import identity_of
from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.hosted.links import OpenedLink, check_link, unknown_link
from api.web.hosted.page_models import TermsLink
from jalon.domain import events
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.order import Cart, CartLine
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.domain.statuses import OrderStatus
from jalon.domain.terms import OrderTerms
from jalon.integrations.links import Link
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities import entities, records, timelines
from jalon.persistence.entities.projections import order_of, subscription_of
from jalon.persistence.operations import clocks
from jalon.persistence.people import drafts
from jalon.policy.decisions.placement import stands
from jalon.policy.model.store_policy import StorePolicy

CAUSES = (
    events.OrderCancelled.name,
    events.CertificateMissing.name,
    events.PaymentMissing.name,
    events.HoldExpired.name,
    events.OrderCompensated.name,
)
"""The events with which an order ends as cancelled."""
_TERMS: TypeAdapter[OrderTerms] = TypeAdapter(OrderTerms)
_TOLD = (
    *CAUSES,
    events.CertificateRequested.name,
    events.CertificateAnswered.name,
    events.CertificateDropped.name,
    events.DeadlineExtended.name,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedOrder(OpenedLink):
    """A link to an order. `begun` are its subscriptions by id; `told` are the events that its pages tell of, oldest first.

    `site` is the portal of the country in which its buyer is registered (P13). `draft` is what the buyer has typed of the certificate.
    `stands`: it is a basket that would be placed again as it was confirmed (G6).
    """

    order: OrderProjection
    begun: Mapping[str, SubscriptionProjection]
    told: tuple[timelines.TimelineItem, ...]
    terms: tuple[TermsLink, ...]
    site: str
    draft: Mapping[str, str]
    stands: bool

    @property
    def is_buyers(self) -> bool:
        """Whether the link was sent to whoever the order's buyer is now. Another reader is led to nothing that acts for the buyer."""
        return self.reader is not None and self.reader.id == self.order.buyer

    @property
    def store(self) -> StoreIdentity:
        """The store as its pages name it, with the products' own support where all lines have the same one (T14, H6)."""
        products = [self.policy.products.get(line.sku) for line in self.order.lines]
        routes = {self.policy.support_for(each) for each in products if each is not None}
        return identity_of(self.policy, routes.pop() if len(routes) == 1 else None)

    def last(self, *names: str) -> timelines.TimelineItem | None:
        """The latest of these events."""
        return next((each for each in reversed(self.told) if each.event in names), None)


async def open_order(request: Request, kind: str, token: str) -> OpenedOrder:
    """The order behind the link. Raises Problem for a link that is none of ours, or of another kind."""
    link = check_link(request, kind, token)
    resources = resources_of(request)
    policy = resources.policies[link.store]
    async with resources.sessions.of(link.store) as tx:
        order = await _order(tx, link.entity)
        begun = {
            each.id: subscription_of(each.view)
            for each in await entities.of_order(tx, order.id)
            if each.kind == SUBSCRIPTION.name
        }
        now = await clocks.clock_now(tx, link.store, context_of(request.scope).spent)
        buyer = order.buyer or ""
        asked = link.reader or order.buyer_names or buyer
        reader = (await resources.parties.read(tx, asked)).get(asked)
        mine = reader is not None and reader.id == buyer
        return OpenedOrder(
            token=token,
            link=link,
            policy=policy,
            now=now,
            reader=reader,
            order=order,
            begun=begun,
            told=tuple(await timelines.told(tx, order.id, *_TOLD)),
            terms=await _terms(tx, order, policy, now),
            site=f"/portal/{link.store}/{await entities.country_of_registration(tx, buyer) or 'FR'}",
            draft=await drafts.read(tx, resources.parties, order.id, buyer) if mine else {},
            stands=order.status is OrderStatus.CART
            and not order.changed_since_placed
            and await still_stands(tx, order, policy, now),
        )


async def _order(tx: AsyncConnection, entity: str) -> OrderProjection:
    """The order, also by one of its lines, which tells its buyer of a delay (T10)."""
    if SUBSCRIPTION.is_id(entity):
        line = await entities.find(tx, SUBSCRIPTION, entity)
        entity = subscription_of(line.view).order_id if line is not None else ""
    found = await entities.find(tx, ORDER, entity)
    if found is None:
        raise unknown_link()
    return order_of(found.view)


async def _terms(
    tx: AsyncConnection, order: OrderProjection, policy: StorePolicy, now: datetime
) -> tuple[TermsLink, ...]:
    """The terms of sale of the placement (G6); of a cart those that are in force (T11)."""
    found: dict[str, TermsLink] = {}
    if order.status is OrderStatus.CART or order.terms_sha256 is None:
        for line in order.lines:
            product = policy.products.get(line.sku)
            for each in policy.documents_in_force(product, now) if product else ():
                found[each.sha256] = _terms_link(policy, each.layer, each.version, each.sha256)
    else:
        frozen: Any = await records.placed_terms(tx, order.id, order.terms_sha256)
        for line in frozen["lines"] if frozen else ():
            for each in line["documents"]:
                found[each["sha256"]] = _terms_link(policy, each["layer"], each["version"], each["sha256"])
    return tuple(found.values())


async def still_stands(
    tx: AsyncConnection, order: OrderProjection, policy: StorePolicy, now: datetime
) -> bool:
    """Whether the order would be placed again on the very terms that its buyer confirmed (G6, T11)."""
    confirmed: Any = await records.placed_terms(tx, order.id, order.terms_sha256 or "")
    if confirmed is None:
        return False
    return stands(policy, cart_of(order), _TERMS.validate_python(confirmed), now)


def cart_of(order: OrderProjection) -> Cart:
    """The cart of an order."""
    lines = tuple(CartLine(each.sku, each.quantity, each.term, each.licence_kind) for each in order.lines)
    whose = (order.buyer or "", order.country or "", order.audience or "", order.currency or "")
    return Cart(*whose, lines, order.language)


def _terms_link(policy: StorePolicy, layer: str, version: str, sha256: str) -> TermsLink:
    return TermsLink(layer, version, f"/h/terms/{policy.id}/{sha256}")


def signed_path(request: Request, opened: OpenedOrder, kind: str, entity: str) -> str:
    """The path of another page for the reader of this link."""
    link = Link(kind, opened.link.store, entity, reader=opened.link.reader)
    return f"/h/{kind}/{resources_of(request).links.sign(link)}"
