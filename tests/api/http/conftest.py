"""What hostile requests are sent with, and to."""

from __future__ import annotations

import pytest

from tests.support.shop import Order, Shop
from tests.support.wire import Wire


@pytest.fixture
def wire(shared_shop: Shop) -> Wire:
    """The API, with the key of a storefront."""
    return Wire(shared_shop.machine.urls["api"], shared_shop.machine.keys["storefront"])


@pytest.fixture(scope="module")
def cart(shared_shop: Shop) -> Order:
    """A cart that every test leaves as it is."""
    return shared_shop.order("anchor-design-premium")
