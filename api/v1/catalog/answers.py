"""The catalog, entitlements and events as answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from api.http.answers import Answer
from api.v1.terms.answers import TermsReference
from jalon.domain.error_codes import Code
from jalon.domain.money import Money
from jalon.domain.statuses import SubscriptionStatus


class TermPrice(Answer):
    """The price of one unit for one term. Above `self_service_max_quantity` the store's sales contact sells (T8); None is no limit."""

    term: str
    price: Money
    self_service_max_quantity: int | None


class ProductRefusal(Answer):
    """The reason why a product cannot be bought here."""

    code: Code
    message: str
    rule: str | None


class Product(Answer):
    """One product with its terms, or with its refusals and the `contact` of who sells it instead (D5). `names` are by language.

    `terms_documents` are the terms of sale in force, one of each layer: what the buyer accepts by `terms_accepted` (H19, T11).
    """

    sku: str
    names: Mapping[Literal["fr", "en"], str]
    item_family: str
    licence_kinds: list[Literal["individual", "floating"]]
    seats_per_unit: int
    buyable: bool
    terms: list[TermPrice]
    refusals: list[ProductRefusal]
    terms_documents: list[TermsReference]
    contact: str
    support: str


class Catalog(Answer):
    """Every product of the store, in the order of its file."""

    store: str
    data: list[Product]


class Grant(Answer):
    """A subscription that gives the entitlement; `seat` is the person's, None where the product has no users."""

    id: str
    status: SubscriptionStatus
    seat: int | None
    term_end: datetime | None


class Entitlement(Answer):
    """Whether a person may use a product now, and through which subscriptions."""

    store: str
    sku: str
    entitled: bool
    subscriptions: list[Grant]


class Event(Answer):
    """Something that happened to `entity`. `docs/events.md` lists the types and their data."""

    id: int
    store: str
    entity: str
    type: str
    at: datetime
    data: Mapping[str, Any]


class EventPage(Answer):
    """Events, oldest first; `next` is the cursor to send as `after`, now or later."""

    data: list[Event]
    has_more: bool
    next: int
