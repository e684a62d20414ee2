"""Who pays, and for what: by the link of an e-mail, or signed in at the portal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from activities.identities import identity_of
from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.hosted.links import check_link, country_of, open_link, principal_of, unknown_link
from api.web.orders.opened import still_stands
from api.web.paying.debts import UNSETTLED, Debt, debt_of_order, debt_of_subscription
from api.web.portal.sites import Site
from api.web.portal.visits import Action, Visit, at_the_portal
from jalon.domain.kinds import KINDS, ORDER, SUBSCRIPTION, Kind
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.inbox.caller import Caller
from jalon.integrations.links import Link
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities import entities
from jalon.persistence.entities.projections import projection_of
from jalon.persistence.operations import clocks
from jalon.policy.model.store_policy import StorePolicy

LINK = "payment"


@dataclass(frozen=True, slots=True)
class Payer:
    """A debt and whoever may settle it here, at the store's instant `now`. `base` is the path of its page.

    `visit` is that of somebody who is signed in and may change the card at any time; the holder of a link settles what is owed, and
    nothing else. `portal` is the path of the portal for what the page is about.
    """

    debt: Debt
    kind: Kind[Any]
    paid_for: OrderProjection | SubscriptionProjection
    party: str
    policy: StorePolicy
    now: datetime
    language: Language
    store: StoreIdentity
    base: str
    caller: Caller
    portal: str
    visit: Visit | None = None

    @property
    def is_order(self) -> bool:
        """Whether an order is paid for; else it is a subscription."""
        return self.kind is ORDER

    @property
    def may_give_card(self) -> bool:
        """Whether the server would take another card from this reader now."""
        if self.visit is not None:
            return Action.PAYMENT_METHOD in self.visit.offered
        return self.debt.takes_card

    @property
    def may_try_card(self) -> bool:
        """Whether a card that was given is tried: its receipt decides whether it came in time (G3)."""
        return self.may_give_card or self.debt.state in UNSETTLED

    @property
    def changes_card(self) -> bool:
        """Whether this is a change of the card, with nothing owed."""
        return self.may_give_card and self.debt.state in ("paid", "nothing")


async def by_link(request: Request) -> Payer:
    """The payer of the path `/h/payment/{token}`. Raises Problem for a link that is none of ours."""
    token = request.path_params["token"]
    link = check_link(request, LINK, token)
    kind, resources = KINDS.of_id(link.entity), resources_of(request)
    if kind is None:
        raise unknown_link()
    if kind is SUBSCRIPTION:
        # A link of a former admin pays for nobody (H12).
        await open_link(request, LINK, token)
    async with resources.sessions.of(link.store) as tx:
        found = await entities.find(tx, kind, link.entity)
        if found is None:
            raise unknown_link()
        paid_for = cast(OrderProjection | SubscriptionProjection, projection_of(kind.name, found.view))
        now = await clocks.clock_now(tx, link.store, context_of(request.scope).spent)
        party = payer_of(paid_for)
        reader = (await resources.parties.read(tx, link.reader or party)).get(link.reader or party)
        country = await _country(tx, paid_for)
        policy = resources.policies[link.store]
        debt = await _debt(tx, paid_for, policy, now)
    language = reader.language if reader else policy.store.default_language
    caller = Caller(principal_of(token), party, "buyer", (link.store,))
    support = _support(paid_for, policy)
    site = Site(policy, country).base
    return Payer(
        debt,
        kind,
        paid_for,
        party,
        policy,
        now,
        cast(Language, language),
        identity_of(policy, support),
        f"/h/{LINK}/{token}",
        caller,
        site if kind is ORDER else f"{site}/subscriptions/{paid_for.id}",
    )


async def _country(tx: AsyncConnection, paid_for: OrderProjection | SubscriptionProjection) -> str:
    """The country of the portal where the payer goes on (P13)."""
    if isinstance(paid_for, SubscriptionProjection):
        return await country_of(tx, paid_for)
    return await entities.country_of_registration(tx, payer_of(paid_for)) or "FR"


async def at_portal(request: Request) -> Payer:
    """The payer of the path `/portal/{store}/{country}/subscriptions/{subscription}/payment-method`, signed in."""
    visit = await at_the_portal(request)
    subscription = visit.subscription
    return Payer(
        debt_of_subscription(subscription, visit.now),
        SUBSCRIPTION,
        subscription,
        subscription.admin,
        visit.policy,
        visit.now,
        visit.language,
        visit.store,
        f"{visit.base}/{Action.PAYMENT_METHOD}",
        visit.caller,
        visit.base,
        visit,
    )


def contract_link(payer: Payer) -> Link | None:
    """What opens the contract of a subscription that is being activated."""
    subscription = payer.paid_for
    if not isinstance(subscription, SubscriptionProjection) or subscription.document is None:
        return None
    reader = subscription.admin_names or subscription.admin
    return Link("contract", payer.policy.id, subscription.id, reader=reader)


def payer_of(paid_for: OrderProjection | SubscriptionProjection) -> str:
    """Who pays: the buyer of an order, the admin of a subscription."""
    return (paid_for.buyer or "") if isinstance(paid_for, OrderProjection) else paid_for.admin


def debt_of(paid_for: OrderProjection | SubscriptionProjection, now: datetime) -> Debt:
    """What is to be paid for the order or the subscription at this instant."""
    if isinstance(paid_for, OrderProjection):
        return debt_of_order(paid_for, now)
    return debt_of_subscription(paid_for, now)


async def _debt(
    tx: AsyncConnection,
    paid_for: OrderProjection | SubscriptionProjection,
    policy: StorePolicy,
    now: datetime,
) -> Debt:
    """What is to be paid. An order that would not be placed again as it was confirmed is led to the shop (G6)."""
    debt = debt_of(paid_for, now)
    if not isinstance(paid_for, OrderProjection):
        return debt
    if debt.takes_card and not await still_stands(tx, paid_for, policy, now):
        return replace(debt, state="changed", takes_card=False)
    return debt


def _support(paid_for: OrderProjection | SubscriptionProjection, policy: StorePolicy) -> str | None:
    """The products' own support, where all of them have the same (T14)."""
    ordered = paid_for.lines if isinstance(paid_for, OrderProjection) else (paid_for,)
    products = [policy.products.get(each.sku) for each in ordered]
    routes = {policy.support_for(product) for product in products if product is not None}
    return routes.pop() if len(routes) == 1 else None
