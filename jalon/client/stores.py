"""Calls about stores: their catalogs, entitlements and test clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Clock, Data, Offer, Store


def list_stores() -> Call[Data[Store]]:
    """The stores that the key may use."""
    return Call("GET", path_to("stores"))


def catalog(store: str, *, country: str, audience: str, currency: str) -> Call[Data[Offer]]:
    """The products that a store sells to this audience in this country, with prices."""
    query = query_of(store=store, country=country, audience=audience, currency=currency)
    return Call("GET", path_to("catalog"), query=query)


def terms(sha256: str) -> Call[dict[str, Any]]:
    """The text of terms of sale by its hash, in every language (T12)."""
    return Call("GET", path_to("terms", sha256))


def entitlement(store: str, email: str, sku: str) -> Call[dict[str, Any]]:
    """Whether a person may use a product now."""
    return Call("GET", path_to("entitlements"), query=query_of(store=store, email=email, sku=sku))


def read_clock(store: str) -> Call[Clock]:
    """The instant that a sandbox store's clock shows."""
    return Call("GET", path_to("test-clocks", store))


def advance_clock(store: str, *, to: datetime | str | None = None, by: str | None = None) -> Call[Clock]:
    """Moves the clock to an instant or by a duration ("P90D"); everything that comes due on the way is delivered."""
    instant = to.isoformat() if isinstance(to, datetime) else to
    return Call("POST", path_to("test-clocks", store, "advance"), body_of(to=instant, by=by))
