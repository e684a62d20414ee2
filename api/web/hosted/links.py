"""The target of a signed link, and the facts that its page needs. Opening changes nothing, since mail scanners open links too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from activities.identities import identity_of
from api.http.errors import Problem
from api.http.request_context import context_of
from api.http.resources import resources_of
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import SubscriptionProjection
from jalon.domain.refusals import not_the_admin
from jalon.inbox.caller import Caller
from jalon.integrations.links import Link, LinkInvalid
from jalon.integrations.mail.formats import Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities import entities, timelines
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.entities.timelines import TransferEnd
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Party
from jalon.policy.model.store_policy import StorePolicy

OF_THE_ADMIN = frozenset({"contract", "portal", "payment"})
"""The kinds of links by which the admin acts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """A link at the store's instant `now`, and the person to whom it was sent; None where that person was erased."""

    token: str
    link: Link
    policy: StorePolicy
    now: datetime
    reader: Party | None

    @property
    def language(self) -> Language:
        """The reader's language, or the store's."""
        return cast(Language, self.reader.language if self.reader else self.policy.store.default_language)

    def caller(self, role: str) -> Caller:
        """The link's holder as the caller of a write, identified by party id."""
        party = self.reader.id if self.reader else "erased"
        return Caller(principal_of(self.token), party, role, (self.link.store,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(OpenedLink):
    """A link to a subscription.

    `ran_out_at` is the first closed instant of the link's invitation, where its time ran out. `owner` is the subscription's admin, and
    `country` that of the site on which the reader of an invitation signs in. `became` is what became of the link's transfer, None while
    it is pending.
    """

    subscription: SubscriptionProjection
    ran_out_at: datetime | None = None
    owner: Party | None = None
    country: str = ""
    became: TransferEnd | None = None

    @property
    def store(self) -> StoreIdentity:
        """The store as its pages name it, with the product's own support where it has one (T14, H6)."""
        product = self.policy.products.get(self.subscription.sku)
        support = self.policy.support_for(product) if product else self.policy.store.support_email
        return identity_of(self.policy, support)

    @property
    def has_passed_on(self) -> bool:
        """Whether the link is one of the admin's, and somebody else than its reader is the admin by now (H12)."""
        if self.link.kind not in OF_THE_ADMIN or self.subscription.admin_since is None:
            return False
        reader = self.reader.id if self.reader else self.link.reader
        return reader not in (self.subscription.admin, self.subscription.admin_names)


class PassedOn(Problem):
    """The problem of a link whose reader was the admin and is it no more (H12). It is still shown to a reader, and does nothing."""

    def __init__(self, opened: Opened, *, reads: bool) -> None:
        detail = not_the_admin().message
        super().__init__(HTTPStatus.OK if reads else HTTPStatus.CONFLICT, ErrorCode.NOT_THE_ADMIN, detail)
        self.opened = opened


def unknown_link() -> Problem:
    """The problem of a link that is forged, truncated or of another kind. It reveals nothing."""
    detail = "This link is not valid. Open it again from the e-mail, whole."
    return Problem(HTTPStatus.NOT_FOUND, ErrorCode.LINK_INVALID, detail)


def principal_of(token: str) -> str:
    """A name for the link that does not open the link."""
    return f"link:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


async def open_link(request: Request, kind: str, token: str, *, former_reads: bool = False) -> Opened:
    """The subscription behind the link.

    Raises Problem for a token without a valid signature, and PassedOn where its reader is the admin no more.

    With `former_reads` a former admin reads on: what they signed stays theirs.
    """
    opened = await _read(request, token, check_link(request, kind, token))
    if opened.has_passed_on and not former_reads:
        raise PassedOn(opened, reads=request.method == "GET")
    return opened


def check_link(request: Request, kind: str, token: str) -> Link:
    """What a link of this kind opens. Raises Problem for a token without a valid signature, or of another kind."""
    resources = resources_of(request)
    try:
        link = resources.links.open(token)
    except LinkInvalid:
        raise unknown_link() from None
    if link.kind != kind or link.store not in resources.policies:
        raise unknown_link()
    context = context_of(request.scope)
    context.store, context.entity, context.caller = link.store, link.entity, principal_of(token)
    return link


async def _read(request: Request, token: str, link: Link) -> Opened:
    resources, context = resources_of(request), context_of(request.scope)
    async with resources.sessions.of(link.store) as tx:
        found = await entities.find(tx, SUBSCRIPTION, link.entity)
        if found is None:
            raise unknown_link()
        subscription = subscription_of(found.view)
        now = await clocks.clock_now(tx, link.store, context.spent)
        party = _addressee(link, subscription)
        people = await resources.parties.read(tx, *filter(None, (party, subscription.admin)))
        reader, owner = people.get(party or ""), people.get(subscription.admin)
        opened = Opened(
            token=token,
            link=link,
            policy=resources.policies[link.store],
            now=now,
            reader=reader,
            subscription=subscription,
            owner=owner,
        )
        if link.kind == "transfer":
            return replace(opened, became=await timelines.end_of_transfer(tx, link.entity, transfer_of(link)))
        if link.kind != "invitation":
            return opened
        ran_out_at = await timelines.invitation_ran_out_at(tx, link.entity, *seat_of(link))
        own = await entities.country_of_registration(tx, reader.id) if reader else None
        return replace(opened, ran_out_at=ran_out_at, country=own or await country_of(tx, subscription))


def _addressee(link: Link, subscription: SubscriptionProjection) -> str | None:
    if link.reader:
        return link.reader
    if link.kind != "invitation":
        return subscription.buyer_names or subscription.buyer
    seat, invitation = seat_of(link)
    held = next((each for each in subscription.seats if each.number == seat), None)
    return held.party if held and held.invitation == invitation else None


async def country_of(tx: AsyncConnection, subscription: SubscriptionProjection) -> str:
    """The country of the portal where the admin manages a subscription: their own (P13), else that of who bought it."""
    own = await entities.country_of_registration(tx, subscription.admin)
    return own or await entities.country_of_registration(tx, subscription.buyer) or "FR"


def transfer_of(link: Link) -> int:
    """The number of the transfer of a transfer's link."""
    if not link.subject.isdigit():
        raise unknown_link()
    return int(link.subject)


def seat_of(link: Link) -> tuple[int, int]:
    """The seat number and the invitation number of an invitation's link."""
    seat, _, invitation = link.subject.partition(".")
    if not (seat.isdigit() and invitation.isdigit()):
        raise unknown_link()
    return int(seat), int(invitation)
