"""What the demo buys: the first thing that the catalog offers to anybody, so that every store file has its own answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from demo.doors import Doors, DoorShut
from policy.model import StorePolicy
from policy.vocabulary import ANY

USUAL_COUNTRY = "FR"


@dataclass(frozen=True, slots=True)
class Wish:
    """One line for one buyer, as `POST /v1/orders` takes it."""

    country: str
    audience: str
    currency: str
    payment_kind: str
    line: dict[str, Any]


def find_wish(doors: Doors, policy: StorePolicy) -> Wish:
    """The first buyable product, term and licence kind. Raises DoorShut where the store sells nothing online."""
    for audience, currency, country in product(
        policy.audiences, policy.store.currencies, dict.fromkeys(_countries(policy))
    ):
        catalog = doors.get(
            "/v1/catalog", store=policy.id, country=country, audience=audience, currency=currency
        )
        for offer in catalog["data"]:
            if offer["buyable"]:
                line = {
                    "sku": offer["sku"],
                    "quantity": 1,
                    "term": offer["terms"][0]["term"],
                    "licence_kind": offer["licence_kinds"][0],
                }
                return Wish(country, audience, currency, policy.audiences[audience].payment_kinds[0], line)
    raise DoorShut("its catalog offers nothing to anybody")


def _countries(policy: StorePolicy) -> Iterator[str]:
    sold_to = [code for code in policy.store.countries if code != ANY]
    yield from sold_to or [USUAL_COUNTRY]
    for each in policy.products.values():
        yield from (code for code in each.countries if code != ANY)
