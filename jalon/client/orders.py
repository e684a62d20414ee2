"""Calls about orders, from cart to completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Cart, CartChange, Order, Page, Placement, Timeline
from jalon.domain.statuses import OrderStatus

ORDERS = "orders"


def open_order(cart: Cart) -> Call[Order]:
    """Opens a cart."""
    return Call("POST", path_to(ORDERS), cart)


def read(order: str, *, live: bool = False) -> Call[Order]:
    """One order with its present status; with `live` as its workflow answers."""
    return Call("GET", path_to(ORDERS, order), query=query_of(live="true" if live else None))


def list_orders(
    *,
    store: str | None = None,
    status: OrderStatus | None = None,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[Order]]:
    """Orders, newest first."""
    return Call("GET", path_to(ORDERS), query=query_of(store=store, status=status, limit=limit, after=after))


def change(order: str, changes: CartChange) -> Call[Order]:
    """Changes a cart before it is placed."""
    return Call("PATCH", path_to(ORDERS, order), changes)


def answer_certificate(order: str, answers: Mapping[str, Any]) -> Call[Order]:
    """Answers the end-use questionnaire (T5)."""
    return Call("POST", path_to(ORDERS, order, "end-use-certificate"), body_of(answers=dict(answers)))


def place(order: str, placement: Placement) -> Call[Order]:
    """Confirms the cart."""
    return Call("POST", path_to(ORDERS, order, "place"), placement)


def cancel(order: str, reason: str) -> Call[Order]:
    """Cancels the order, as long as no line of it is active."""
    return Call("POST", path_to(ORDERS, order, "cancel"), body_of(reason=reason))


def timeline(order: str, *, with_subscriptions: bool = False) -> Call[Timeline]:
    """The order's timeline, with those of its subscriptions if requested."""
    include = "subscriptions" if with_subscriptions else None
    return Call("GET", path_to(ORDERS, order, "timeline"), query=query_of(include=include))
