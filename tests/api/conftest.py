"""Shops and bare stores for the tests of the HTTP interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.machine import Machine
from tests import driver
from tests.driver import Shop
from tests.rehearsal import Rehearsal, Shelf

OpenShop = Callable[..., Shop]


@pytest.fixture
def open_shop(machine: Machine, store: Callable[..., Rehearsal]) -> Iterator[OpenShop]:
    """`open_shop("fastening")`: that store, untouched; with a Paris wall time, its clock there."""
    opened: list[Shop] = []

    def take(name: str = "fastening", when: str | None = None) -> Shop:
        shop = driver.shop_of(store(name), machine)
        opened.append(shop)
        if when is not None:
            shop.to(when)
        return shop

    yield take
    for shop in opened:
        driver.close(shop)


@pytest.fixture(scope="session")
def counter(machine: Machine, shelf: Shelf) -> Iterator[Shop]:
    """One `fastening` store for all tests that neither move its clock nor look at everything in it."""
    shop = driver.shop_of(Rehearsal(shelf.take("fastening"), machine.urls["api"], machine.keys), machine)
    yield shop
    driver.close(shop)
    shop.rehearsal.close()
