"""Stores as answers."""

from __future__ import annotations

from typing import Literal

from api.http.answers import Answer


class AudienceTerms(Answer):
    """Whom a store sells to: the terms that it offers them and how they may pay."""

    audience: str
    terms: list[str]
    payment_kinds: list[Literal["card"]]


class Store(Answer):
    """A store: its clock is real time (`live`) or a test clock, its zone an IANA name; countries are ISO 3166-1, currencies ISO 4217."""

    id: str
    name: str
    clock: Literal["live", "test"]
    zone: str
    languages: list[Literal["fr", "en"]]
    currencies: list[str]
    countries: list[str]
    audiences: list[AudienceTerms]
    support: str


class StoreList(Answer):
    """The stores that the key is good for."""

    data: list[Store]
