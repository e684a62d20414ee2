"""The live store whose policy counts in seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.shop import Order, Shop, Subscription, eventually, instant

SIGNED = {"sku": "signed", "term": "PT20S"}


def bought(shop: Shop) -> tuple[Order, Subscription]:
    """An order whose contract is ready to be signed, and its subscription."""
    order = shop.order(SIGNED)
    assert order.place().ok
    eventually(lambda: order.status == "processing" and "contract_ready" in shop.templates(), "the contract")
    return order, order.subscription


def left_until(when: str | None) -> timedelta:
    """Real time until an instant in an answer."""
    closes = instant(when)
    assert closes is not None
    return closes - datetime.now(UTC)
