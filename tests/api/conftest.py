"""Shops and bare stores for the tests of the HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.machine import Machine
from tests import driver
from tests.driver import Shop
from tests.rehearsal import Rehearsal, Shelf


@pytest.fixture(scope="session")
def counter(machine: Machine, shelf: Shelf) -> Iterator[Shop]:
    """One `fastening` store for all tests that neither move its clock nor look at everything in it."""
    shop = driver.shop_of(Rehearsal(shelf.take("fastening"), machine.urls["api"], machine.keys), machine)
    yield shop
    driver.close(shop)
    shop.rehearsal.close()
