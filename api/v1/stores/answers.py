"""Stores as answers."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer


class AudienceTerms(Answer):
    """A kind of buyer that a store sells to: the terms that it may buy and the payment methods that it may use."""

    audience: str
    terms: list[str]
    payment_kinds: list[Literal["card"]]


class StoreRoutes(Answer):
    """Where to turn, by subject: an e-mail or https:// address. What the store does not name is its support."""

    sales: str
    error: str
    reseller: str
    trade_compliance: str
    faq: str
    old_terms: str
    order_late: str


class StoreVendor(Answer):
    """The contracting party behind a store; the address is in lines. Where the store's file names none, its name is all that is known."""

    legal_name: str
    address: list[str]
    registration: str | None
    vat_id: str | None


class Store(Answer):
    """A store: its clock is real time (`live`) or a test clock, its zone an IANA name; countries are ISO 3166-1, currencies ISO 4217.

    `shop_url` is where its buyers shop, None where the store names no address.
    """

    id: str
    name: str
    clock: Literal["live", "test"]
    zone: str
    languages: list[Literal["fr", "en"]]
    currencies: list[str]
    countries: list[str]
    audiences: list[AudienceTerms]
    support: str
    shop_url: str | None
    vendor: StoreVendor
    routes: StoreRoutes


class StoreList(Answer):
    """The stores that the key may use."""

    data: list[Store]
