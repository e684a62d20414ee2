"""Shops, and the engine behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from temporalio.client import Client

from local.machine import Machine
from tests import driver
from tests.driver import Shop
from tests.rehearsal import Rehearsal
from tests.workflows import engine

OpenShop = Callable[..., Shop]


@pytest.fixture
def open_shop(machine: Machine, store: Callable[..., Rehearsal]) -> Iterator[OpenShop]:
    """`open_shop("fastening", "2026-01-15 10:30")`: that store, untouched, its clock at that Paris wall time."""
    opened: list[Shop] = []

    def take(name: str, when: str | None = None) -> Shop:
        shop = driver.shop_of(store(name), machine)
        opened.append(shop)
        if when is not None:
            shop.to(when)
        return shop

    yield take
    for shop in opened:
        driver.close(shop)


@pytest.fixture
async def client(machine: Machine) -> Client:
    """A client of the machine's Temporal."""
    return await engine.client_of(machine)
