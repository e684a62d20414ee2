"""Shops: a copy of a store for each test, at the instant it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.machine import Machine
from tests import driver
from tests.driver import Shop
from tests.rehearsal import Rehearsal

OpenShop = Callable[..., Shop]


@pytest.fixture
def open_shop(machine: Machine, store: Callable[..., Rehearsal]) -> Iterator[OpenShop]:
    """`open_shop("fastening", "2026-01-15 10:30")`: that store, untouched, its clock at that Paris wall time."""
    opened: list[Shop] = []

    def take(name: str, when: str) -> Shop:
        shop = driver.shop_of(store(name), machine)
        opened.append(shop)
        shop.to(when)
        return shop

    yield take
    for shop in opened:
        driver.close(shop)
