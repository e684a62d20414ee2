"""The cart and the placement of an order, as values."""

from __future__ import annotations

from dataclasses import dataclass


def subscription_id(order_id: str, number: int) -> str:
    """The id of the subscription of an order's line, counted from 0. The same line always has the same id."""
    return f"sub_{order_id.removeprefix('ord_')}{number:02d}"


@dataclass(frozen=True, slots=True)
class CartLine:
    """One wanted line; `term` is a duration text, `licence_kind` a kind the store sells."""

    sku: str
    quantity: int
    term: str
    licence_kind: str


@dataclass(frozen=True, slots=True)
class Cart:
    """What a buyer wants: `country` ISO 3166-1 alpha-2, `audience` and `currency` (ISO 4217) as the store sells
    them; `language` is the buyer's, None for the store's. `buyer` is a party's id, `buyer_names` the record of
    the names that were given with this cart (X18)."""

    buyer: str
    country: str
    audience: str
    currency: str
    lines: tuple[CartLine, ...]
    language: str | None = None
    buyer_names: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The confirmation of a cart (H18, H19, T4). `payment_method` is the provider's token, never a card number.

    `billing_region` is ISO 3166-2, required in a country of which a destination rule names regions (X20).
    """

    terms_accepted: bool
    export_control_accepted: bool
    payment_kind: str
    payment_method: str
    billing_address: str | None
    billing_country: str | None
    purchase_order_number: str | None
    billing_region: str | None = None
