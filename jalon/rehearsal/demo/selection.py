"""What the demo buys: the first thing that the catalog offers to anybody, so that every store file has its own answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from jalon.rehearsal.demo.client import ApiError, Clients

ANY = "*"
USUAL_COUNTRIES = ["FR", "US", "CA"]
"""Where a store that sells everywhere is tried."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One line for one buyer, as `POST /v1/orders` takes it."""

    country: str
    audience: str
    currency: str
    payment_kind: str
    line: dict[str, Any]


def select(clients: Clients, store: Mapping[str, Any]) -> Selection:
    """The first buyable product, term and licence kind of a store, as `GET /v1/stores` tells of it.

    Raises DoorShut where the store sells nothing online.
    """
    countries = [code for code in store["countries"] if code != ANY] or USUAL_COUNTRIES
    for audience, currency, country in product(store["audiences"], store["currencies"], countries):
        catalog = clients.get(
            "/v1/catalog",
            store=store["id"],
            country=country,
            audience=audience["audience"],
            currency=currency,
        )
        for offer in catalog["data"]:
            if offer["buyable"]:
                line = {
                    "sku": offer["sku"],
                    "quantity": 1,
                    "term": offer["terms"][0]["term"],
                    "licence_kind": offer["licence_kinds"][0],
                }
                return Selection(country, audience["audience"], currency, audience["payment_kinds"][0], line)
    raise ApiError("its catalog offers nothing to anybody")
