"""Where requests are made of the description: two sandbox stores with orders in several states, and a key of each role for them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

from api.v1.operations.bodies import Role
from tests.support import shop as shops
from tests.support.machines import Serving
from tests.support.shop import Answer, Shop
from tests.support.stores import SandboxStore, StorePool

ROLES: tuple[str, ...] = get_args(Role)
SOFTWARE = "anchor-design-premium"


@dataclass(frozen=True)
class Ground:
    """The address of a machine, who issues keys there, and what exists there, by the name of the parameter that takes it."""

    url: str
    issue: Callable[[str], str]
    known: Mapping[str, tuple[str | int, ...]]


@contextmanager
def ground(machine: Serving, pool: StorePool) -> Iterator[Ground]:
    """Two stores that nothing else uses. Their keys see no other store, so that other tests may run beside."""
    opened = [_opened(machine, pool, name) for name in ("fastening", "geomatics")]
    try:
        yield _prepared(*opened)
    finally:
        for shop in opened:
            shops.close(shop)
            shop.store.close()


def _opened(machine: Serving, pool: StorePool, name: str) -> Shop:
    return shops.shop_of(SandboxStore(pool.take(name), machine.urls["api"], machine.keys), machine)


def _prepared(plain: Shop, controlled: Shop) -> Ground:
    bought = plain.order(SOFTWARE).buy()
    running = plain.order(SOFTWARE).buy().subscription.start()
    cart = plain.order(SOFTWARE)
    held = controlled.order(_yearly(controlled))
    assert held.certify(military_or_police=True).ok
    assert held.place().ok
    controlled.settle()
    stores = (plain.id, controlled.id)
    orders = (cart.id, bought.id, held.id)
    subscriptions = (bought.subscription.id, running.id)
    return Ground(
        url=plain.machine.urls["api"],
        issue=lambda role: _key(plain, role, stores),
        known={
            "order_id": orders,
            "subscription_id": subscriptions,
            "entity_id": (*orders, *subscriptions),
            "party_id": (bought["buyer"]["id"], held["buyer"]["id"]),
            "store": stores,
            "provider": ("sandbox",),
            "country": ("FR", "FR", "DE", "IR"),
            "audience": ("design_office", "design_office", "company"),
            "currency": ("EUR",),
            "sku": (SOFTWARE, "anchor-design-standard"),
            "quantity": (1, 2, 1000),
            "term": ("P1Y",),
            "licence_kind": ("individual",),
            "kind": ("card",),
            "token": ("card_ok", "card_declined", "card_3ds"),
            "step": ("charge", "payment", "screening", "renewal"),
            "name": ("Ada Martin", "Grace Dupont"),
            "reason": ("It was asked for.",),
            "by": ("P1D", "P1M", "P1Y"),
            "email": (plain.email, "grace@example.com"),
            "document_sha256": tuple(each.document_sha256 for each in (bought.subscription, running)),
        },
    )


def _yearly(shop: Shop) -> str:
    """A product of the store with a term of one year."""
    query = {"store": shop.id, "country": "FR", "audience": "company", "currency": "EUR"}
    offers = Answer.of(shop.store.get("/v1/catalog", **query)).ok["data"]
    return next(
        str(offer["sku"]) for offer in offers if any(each["term"] == "P1Y" for each in offer["terms"])
    )


def _key(shop: Shop, role: str, stores: tuple[str, ...]) -> str:
    """A key of this role for these stores, issued to a name of its own: idempotency keys of one run never meet those of another."""
    body = {"person": f"fuzz {role} {uuid.uuid4().hex}", "role": role, "stores": list(stores)}
    body["reason"] = "a fuzz run"
    return str(Answer.of(shop.store.post("/v1/keys", body, role="admin")).ok["token"])
