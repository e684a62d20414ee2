"""Carts between the HTTP interface and the command: checks the policy, stores people, makes order numbers."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.errors import refusal
from api.http.resources import ApiResources
from api.v1.orders.bodies import BillingAddress, Buyer, ChangeOrder, OpenOrder, PlaceOrder
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.projections import OrderProjection
from jalon.persistence.entities import entities
from jalon.policy.decisions.placement import check_cart
from jalon.policy.model.store_policy import StorePolicy
from workflows.order.commands import EditCart

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER_LETTERS = 6


async def new_number(tx: AsyncConnection, policy: StorePolicy, at: datetime) -> str:
    """A new order number, e.g. FAS-2026-7K3M9Q: prefix, year in the store's zone, random characters."""
    year = Calendar(policy.store.zone).local_date(at).year
    while True:
        chance = "".join(secrets.choice(_LETTERS) for _ in range(_NUMBER_LETTERS))
        number = f"{policy.store.order_number_prefix}-{year}-{chance}"
        if not await entities.number_taken(tx, number):
            return number


async def new_cart(
    tx: AsyncConnection, resources: ApiResources, policy: StorePolicy, order: OpenOrder
) -> Cart:
    """The cart of a new order. Raises the refusal with every violation of the store's policy."""
    lines = tuple(CartLine(**line.model_dump()) for line in order.lines)
    return await _sellable(
        tx, resources, policy, Cart("", order.country, order.audience, order.currency, lines), order.buyer
    )


async def cart_changes(
    tx: AsyncConnection,
    resources: ApiResources,
    policy: StorePolicy,
    order: OrderProjection,
    change: ChangeOrder,
) -> EditCart:
    """The changes for the command. Raises the refusal of the cart that results from them.

    The command contains only the given fields, since the workflow may apply it to a later cart.
    """
    former = tuple(CartLine(line.sku, line.quantity, line.term, line.licence_kind) for line in order.lines)
    given: dict[str, Any] = {
        "country": change.country,
        "audience": change.audience,
        "currency": change.currency,
        "lines": None
        if change.lines is None
        else tuple(CartLine(**line.model_dump()) for line in change.lines),
    }
    changes = {name: value for name, value in given.items() if value is not None}
    cart = Cart(
        order.buyer or "",
        order.country or "",
        order.audience or "",
        order.currency or "",
        former,
        order.language,
        order.buyer_names,
    )
    cart = await _sellable(tx, resources, policy, replace(cart, **changes), change.buyer)
    if change.buyer is not None:
        changes |= {"buyer": cart.buyer, "buyer_names": cart.buyer_names, "language": cart.language}
        changes["renamed"] = await _is_renamed(tx, resources, order, cart)
    return EditCart(**changes)


async def _is_renamed(
    tx: AsyncConnection, resources: ApiResources, order: OrderProjection, cart: Cart
) -> bool:
    """Whether the changed cart names its buyer, or the buyer's company, otherwise. The language is no part of who the buyer is (X19)."""
    asked = [
        names or buyer or ""
        for names, buyer in ((order.buyer_names, order.buyer), (cart.buyer_names, cart.buyer))
    ]
    people = await resources.parties.read(tx, *asked)
    former, now = (people.get(each) for each in asked)
    if former is None or now is None:
        return True
    return (former.name, former.company) != (now.name, now.company)


async def _sellable(
    tx: AsyncConnection, resources: ApiResources, policy: StorePolicy, cart: Cart, buyer: Buyer | None
) -> Cart:
    violations = check_cart(policy, cart)
    if violations:
        raise refusal(HTTPStatus.UNPROCESSABLE_ENTITY, violations)
    if buyer is None:
        return cart
    language = language_in(policy, buyer.language)
    given = {"name": buyer.name.strip(), "company": buyer.company, "language": language}
    party = await resources.parties.meet(
        tx,
        policy.id,
        email=buyer.email,
        name=buyer.name,
        company=buyer.company,
        language=language,
    )
    former = cart.buyer_names if party == cart.buyer else None
    names = await resources.parties.keep_names(tx, policy.id, party, given, former)
    return replace(cart, buyer=party, buyer_names=names, language=language)


def language_in(policy: StorePolicy, wanted: str | None) -> str:
    """The language in which a person is written to: their own where the store has it, else the store's."""
    return wanted if wanted in policy.store.languages else policy.store.default_language


async def placement(
    tx: AsyncConnection, resources: ApiResources, store: str, buyer: str, order: PlaceOrder
) -> Placement:
    """The placement for the command. The billing address is stored as a record of the buyer, and the command carries its id."""
    method, address = order.payment_method, order.billing_address
    return Placement(
        terms_accepted=order.terms_accepted,
        export_control_accepted=order.export_control_accepted,
        payment_kind=method.kind if method else "",
        payment_method=method.token if method else "",
        billing_address=await _keep_address(tx, resources, store, buyer, address) if address else None,
        billing_country=address.country if address else None,
        purchase_order_number=order.purchase_order_number,
        billing_region=address.region if address else None,
    )


async def _keep_address(
    tx: AsyncConnection, resources: ApiResources, store: str, buyer: str, address: BillingAddress
) -> str:
    return await resources.parties.keep(tx, store, buyer, "billing_address", address.model_dump())
