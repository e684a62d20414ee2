"""Several buyers of one product at once, each with a subscription of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.shop import Order, Shop, Subscription


def address(shop: Shop, name: str) -> str:
    """The address of a person of the store."""
    return f"{name}@{shop.id}.example.com"


def ordered(shop: Shop, line: Mapping[str, Any], *names: str, card: str = "card_ok") -> list[Order]:
    """An order of each of these buyers, all placed at one instant."""
    people = [{"email": address(shop, name), "name": name.title(), "language": "en"} for name in names]
    orders = [shop.order(line, buyer=person) for person in people]
    for order in orders:
        assert order.place(card=card).ok
    shop.settle()
    return orders


def started(shop: Shop, line: Mapping[str, Any], *names: str) -> list[Subscription]:
    """The active subscription of each of these buyers, all of one instant."""
    subscriptions = [order.subscription for order in ordered(shop, line, *names)]
    sign_all(shop, subscriptions)
    return subscriptions


def sign_all(shop: Shop, subscriptions: list[Subscription]) -> None:
    """Takes the steps of those that have any, at one instant."""
    for subscription in subscriptions:
        if subscription["steps"]:
            assert subscription.activate().ok
            assert subscription.sign().ok
    shop.settle()
