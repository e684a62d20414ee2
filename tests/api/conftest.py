"""Shops and bare stores for the tests of the HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.v1.description import judge
from tests.support import shop as shops
from tests.support.machines import Serving
from tests.support.shop import Shop
from tests.support.stores import SandboxStore, StorePool


@pytest.fixture(scope="session", autouse=True)
def judged() -> None:
    """Checks every response that a store's client receives from here on against `/openapi.json`."""
    SandboxStore.judges.append(judge)


@pytest.fixture(scope="session")
def shared_shop(machine: Serving, pool: StorePool) -> Iterator[Shop]:
    """One `fastening` store for all tests that neither move its clock nor count everything in it."""
    shop = shops.shop_of(SandboxStore(pool.take("fastening"), machine.urls["api"], machine.keys), machine)
    yield shop
    shops.close(shop)
    shop.store.close()
