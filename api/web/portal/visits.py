"""A subscription as one reader finds it: signed in at the portal, or by the link of an e-mail that asks for one action (P3, X22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from starlette.requests import Request

from activities.identities import identity_of
from api.http.errors import not_found
from api.http.resources import resources_of
from api.web.hosted.links import country_of, open_link
from api.web.portal.sites import Elsewhere, Site, Visitor, expected_visitor, own_site, site_of
from jalon.domain.due import Due
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus
from jalon.inbox.caller import Caller
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities import entities
from jalon.persistence.entities.projections import subscription_of
from jalon.policy.model.store_policy import StorePolicy


class Action(StrEnum):
    """What an admin does with a subscription at the portal (P9)."""

    STOP = "stop"
    RESUME = "resume"
    PURCHASE_ORDER = "purchase-order"
    CONTRACT = "contract"
    USERS = "users"
    WHO_STAYS = "who-stays"
    PAYMENT_METHOD = "payment-method"
    TRANSFER = "transfer"
    CALL_OFF = "call-off-transfer"


NEEDS_CODE = frozenset(Action) - {Action.PURCHASE_ORDER}
"""What a stranger at an open screen must not do: it takes a code that is at most half an hour old."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A subscription and its reader, at the store's instant `now`. `base` is the path of its page.

    `visitor` is who is signed in; None for the holder of a link, who may do its `purpose` and nothing else.
    """

    subscription: SubscriptionProjection
    policy: StorePolicy
    now: datetime
    language: Language
    base: str
    caller: Caller
    site: Site
    visitor: Visitor | None = None
    purpose: Action | None = None

    @property
    def store(self) -> StoreIdentity:
        """The store as its pages name it, with the product's own support where it has one (T14, H6)."""
        product = self.policy.products.get(self.subscription.sku)
        return identity_of(self.policy, self.policy.support_for(product) if product else None)

    @property
    def at_the_portal(self) -> str:
        """The path of the subscription's page for somebody who is signed in."""
        return f"{self.site.base}/subscriptions/{self.subscription.id}"

    def may(self, action: Action) -> bool:
        """Whether the reader may do this here."""
        return self.visitor is not None or self.purpose is action

    @property
    def offered(self) -> frozenset[Action]:
        """What the reader may do here and the server would take now."""
        return frozenset(each for each in possible(self.subscription, self.now) if self.may(each))


def possible(subscription: SubscriptionProjection, now: datetime) -> frozenset[Action]:
    """What the subscription would take from its admin at this instant. Its workflow decides by the receipt (G3)."""
    found = set()
    if subscription.status is SubscriptionStatus.ACTIVE:
        found.add(Action.PURCHASE_ORDER)
        if subscription.user_management:
            found.add(Action.USERS)
            if subscription.fewer_seats is not None and now < subscription.fewer_seats.choose_by:
                found.add(Action.WHO_STAYS)
        transfer = subscription.transfer
        pending = transfer is not None and (not transfer.is_open or now < transfer.accept_by)
        found.add(Action.CALL_OFF if pending else Action.TRANSFER)
        wait = subscription.charge_waits_for
        if wait is not None:
            found |= {Action.STOP} if wait.is_open(now) else set()
        elif subscription.stop_by is not None and now < subscription.stop_by:
            stopped = subscription.stop_requested_at is not None
            if stopped or subscription.next_renewal_at is not None:
                found.add(Action.RESUME if stopped else Action.STOP)
    if _takes_card(subscription, now):
        found.add(Action.PAYMENT_METHOD)
    if subscription.document is not None and subscription.status is not SubscriptionStatus.VOID:
        found.add(Action.CONTRACT)
    return frozenset(found)


def _takes_card(subscription: SubscriptionProjection, now: datetime) -> bool:
    """Whether another card can be given: while active, and after the signature for a charge that failed (P9, P10, X3)."""
    signed = all(step.done_at is not None for step in subscription.steps)
    pending = subscription.status is SubscriptionStatus.PENDING_ACTIVATION and signed
    closes = [entry.due_at for entry in subscription.agenda if entry.what == Due.RECOVERY]
    is_open = subscription.recovery_over_at is None and all(now < closes_at for closes_at in closes)
    return is_open and (pending or subscription.status is SubscriptionStatus.ACTIVE)


async def at_the_portal(request: Request) -> Visit:
    """The visit of the path `/portal/{store}/{country}/subscriptions/{subscription}`.

    Raises SignInFirst; Elsewhere on the site of another country than that of registration (P13); and Problem where the person is not its
    admin, or the line is void: it has left the portal (P5).
    """
    given = request.path_params
    site = site_of(request, given["store"], given["country"])
    visitor = await expected_visitor(request, site)
    async with resources_of(request).sessions.of(site.policy.id) as tx:
        own = await own_site(tx, visitor)
        if own is not None:
            raise Elsewhere(visitor, own, _same_page(request, own))
        found = await entities.find(tx, SUBSCRIPTION, given["subscription"])
    if found is None:
        raise not_found("No subscription")
    subscription = subscription_of(found.view)
    if subscription.admin != visitor.person.id or subscription.status is SubscriptionStatus.VOID:
        raise not_found("No subscription")
    base = f"{site.base}/subscriptions/{subscription.id}"
    return Visit(
        subscription, site.policy, visitor.now, visitor.language, base, visitor.caller, site, visitor
    )


def _same_page(request: Request, site: Site) -> str:
    """The path on another site of the page that was asked for; of a form, that of its subscription."""
    given = request.path_params
    if request.method != "GET":
        return f"{site.base}/subscriptions/{given['subscription']}"
    return request.url.path.replace(f"/portal/{given['store']}/{given['country']}", site.base, 1)


async def by_link(request: Request) -> Visit:
    """The visit of a link in an e-mail, `/h/portal/{token}`. Raises Problem for a link that is none of ours."""
    token = request.path_params["token"]
    opened = await open_link(request, "portal", token)
    if opened.subscription.status is SubscriptionStatus.VOID:
        raise not_found("No subscription")
    store = opened.link.store
    async with resources_of(request).sessions.of(store) as tx:
        country = await country_of(tx, opened.subscription)
    purposes = {each.value for each in Action}
    return Visit(
        opened.subscription,
        opened.policy,
        opened.now,
        opened.language,
        f"/h/portal/{token}",
        opened.caller("buyer"),
        Site(opened.policy, country),
        purpose=Action(opened.link.subject) if opened.link.subject in purposes else None,
    )
