"""A store's portal for one country (P13), and who is signed in there by their cookie (P3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from activities.identities import identity_of
from api.http.errors import not_found
from api.http.request_context import context_of
from api.http.resources import resources_of
from jalon.domain.compliance.countries import COUNTRIES
from jalon.inbox.caller import Caller
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.integrations.mail.renderer import StoreIdentity
from jalon.persistence.entities import entities
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Party
from jalon.persistence.people.sign_ins import SESSION_LASTS, SignIns
from jalon.policy.model.store_policy import StorePolicy

COOKIE = "jalon_portal"


class SignInFirst(Exception):
    """Nobody is signed in at the site, at whose sign-in the request goes on."""

    def __init__(self, site: Site, then: str) -> None:
        super().__init__("sign in first")
        self.site = site
        self.then = then


class Elsewhere(Exception):
    """What the visitor is registered for is on the `site` of another country, at whose `path` the request goes on (P13)."""

    def __init__(self, visitor: Visitor, site: Site, path: str) -> None:
        super().__init__("on the site of another country")
        self.visitor = visitor
        self.site = site
        self.path = path


@dataclass(frozen=True, slots=True)
class Site:
    """The portal of a store for one country, an ISO 3166-1 code."""

    policy: StorePolicy
    country: str

    @property
    def base(self) -> str:
        """The path of its first page."""
        return f"/portal/{self.policy.id}/{self.country}"

    @property
    def store(self) -> StoreIdentity:
        """The store as its pages name it."""
        return identity_of(self.policy)

    def language(self, request: Request) -> Language:
        """The language of a reader who is not known yet: the browser's, else the store's."""
        spoken = request.headers.get("accept-language", "")[:2].casefold()
        offered = self.policy.store.languages
        return spoken if spoken in LANGUAGES and spoken in offered else self.policy.store.default_language


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in at a site, at the store's instant `now`. `is_fresh`: they gave a code within the last half hour."""

    site: Site
    person: Party
    token: str
    is_fresh: bool
    now: datetime

    @property
    def language(self) -> Language:
        """The person's language."""
        return cast(Language, self.person.language)

    @property
    def caller(self) -> Caller:
        """The person as the caller of a write."""
        return Caller(f"party:{self.person.id}", self.person.id, "buyer", (self.site.policy.id,))


def site_of(request: Request, store: str, country: str) -> Site:
    """The site of a path. Raises Problem for a store or a country that is none."""
    policy = resources_of(request).policies.get(store)
    code = country.upper()
    if policy is None or code not in COUNTRIES:
        raise not_found("No portal")
    context_of(request.scope).store = store
    return Site(policy, code)


async def visitor_of(request: Request, site: Site) -> Visitor | None:
    """Who is signed in; None where nobody is, or the person was erased."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    resources, store, context = resources_of(request), site.policy.id, context_of(request.scope)
    async with resources.sessions.of(store) as tx:
        signed_in = await SignIns(resources.vault).find(tx, token, context.spent)
        if signed_in is None:
            return None
        people = await resources.parties.read(tx, signed_in.party)
        now = await clocks.clock_now(tx, store, context.spent)
    person = people.get(signed_in.party)
    if person is None:
        return None
    context.caller = person.id
    return Visitor(site, person, token, signed_in.is_fresh, now)


async def expected_visitor(request: Request, site: Site) -> Visitor:
    """Who is signed in. Raises SignInFirst, after which a page that was asked for is shown."""
    visitor = await visitor_of(request, site)
    if visitor is None:
        raise SignInFirst(site, request.url.path if request.method == "GET" else site.base)
    return visitor


async def own_site(tx: AsyncConnection, visitor: Visitor) -> Site | None:
    """The site of the visitor's country of registration, where it is another one than this (P13)."""
    registered = await entities.country_of_registration(tx, visitor.person.id)
    if registered is None or registered == visitor.site.country:
        return None
    return Site(visitor.site.policy, registered)


def remember(request: Request, response: Response, site: Site, token: str) -> None:
    """Gives the browser the session, for the store's portal alone."""
    public = urlsplit(str(resources_of(request).settings.public_url))
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path=f"/portal/{site.policy.id}",
        secure=public.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, site: Site) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(COOKIE, path=f"/portal/{site.policy.id}")
