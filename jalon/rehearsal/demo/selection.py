"""Selects what the demo buys: the first thing in the catalog that anybody can buy, for any store file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from jalon.client.shapes import CartLine, Store
from jalon.client.stores import catalog
from jalon.client.sync import Client

ANY = "*"
USUAL_COUNTRIES = ["FR", "US", "CA"]
"""The countries that are tried in a store that sells everywhere."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One line for one buyer, in the form of `POST /v1/orders`."""

    country: str
    audience: str
    currency: str
    payment_kind: str
    line: CartLine


class NothingOffered(Exception):
    """A store sells nothing online to anybody."""


def select(client: Client, store: Store) -> Selection:
    """The first buyable product, term and licence kind of a store from `GET /v1/stores`.

    Raises NothingOffered, ApiError, NotAnswered.
    """
    countries = [code for code in store["countries"] if code != ANY] or USUAL_COUNTRIES
    for audience, currency, country in product(store["audiences"], store["currencies"], countries):
        sold = catalog(store["id"], country=country, audience=audience["audience"], currency=currency)
        for offer in client.send(sold)["data"]:
            if offer["buyable"]:
                line = CartLine(
                    sku=offer["sku"],
                    quantity=1,
                    term=offer["terms"][0]["term"],
                    licence_kind=offer["licence_kinds"][0],
                )
                return Selection(country, audience["audience"], currency, audience["payment_kinds"][0], line)
    raise NothingOffered("its catalog offers nothing to anybody")
