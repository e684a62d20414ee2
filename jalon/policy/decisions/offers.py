"""The catalog of one kind of buyer: each product with its prices, or with who sells it instead (D5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jalon.domain.error_codes import Code, ErrorCode
from jalon.domain.money import Money
from jalon.domain.violations import Violation
from jalon.policy.decisions.carts import (
    country_code_violation,
    country_violation,
    selling_violation,
    terms_violation,
)
from jalon.policy.model.catalog import Product, Texts
from jalon.policy.model.sections import Audience
from jalon.policy.model.store_policy import StorePolicy
from jalon.policy.model.vocabulary import ANY


@dataclass(frozen=True, slots=True)
class TermOffer:
    """The price of one unit for one term. Above `self_service_max_quantity` the buyer contacts sales; 0 means no limit (T8)."""

    term: str
    price: Money
    self_service_max_quantity: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a product cannot be bought here; `code` and `rule` are those of the cart's violation."""

    code: Code
    message: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One product with its `offers`, or with its `refusals` and the `contact` of who sells it instead (D5)."""

    sku: str
    names: Texts
    item_family: str
    licence_kinds: tuple[str, ...]
    seats_per_unit: int
    buyable: bool
    offers: tuple[TermOffer, ...]
    refusals: tuple[Refusal, ...]
    contact: str
    support_email: str


def catalog_view(
    policy: StorePolicy, country: str, audience: str, currency: str, at: datetime
) -> tuple[Offer, ...]:
    """Every product of the store for one country, audience and currency at `at`, in the file's order."""
    return tuple(
        _offer(policy, product, country, audience, currency, at) for product in policy.products.values()
    )


def _offer(
    policy: StorePolicy, product: Product, country: str, audience: str, currency: str, at: datetime
) -> Offer:
    refusals = tuple(
        Refusal(found.code, found.message, found.rule)
        for found in _refusals(policy, product, country, audience, currency, at)
    )
    offers = () if refusals else tuple(_term_offers(policy, product, policy.audiences[audience], currency))
    if not refusals and not offers:
        refusals = (Refusal(ErrorCode.TERM_NOT_FOR_AUDIENCE, f"no term of it is sold to {audience}", "D7"),)
    return Offer(
        sku=product.sku,
        names=product.name,
        item_family=product.item_family,
        licence_kinds=tuple(product.licence_kinds),
        seats_per_unit=product.seats_per_unit,
        buyable=bool(offers),
        offers=offers,
        refusals=refusals,
        contact=policy.contact_for(product),
        support_email=policy.support_for(product),
    )


def _refusals(
    policy: StorePolicy, product: Product, country: str, audience: str, currency: str, at: datetime
) -> Iterator[Violation]:
    found = (
        selling_violation(policy, product, ""),
        terms_violation(policy, product, at, ""),
        country_code_violation(policy, country, "") or country_violation(policy, product, country, ""),
    )
    yield from (violation for violation in found if violation is not None)
    if audience not in policy.audiences:
        yield Violation(ErrorCode.UNKNOWN_AUDIENCE, f'"{audience}" is no audience here', "", "D4")
    elif not product.sold_to_audience(audience):
        yield Violation(
            ErrorCode.AUDIENCE_NOT_SOLD,
            f"it is sold to {', '.join(product.audiences)}, not to {audience}",
            "",
            "D4",
        )
    sold_in = product.priced_in(policy.store.currencies)
    if currency not in sold_in:
        yield Violation(
            ErrorCode.CURRENCY_NOT_SOLD, f"it is priced in {', '.join(sold_in)}, not in {currency}"
        )


def _term_offers(
    policy: StorePolicy, product: Product, audience: Audience, currency: str
) -> Iterator[TermOffer]:
    for term in product.terms:
        price = product.price(currency, term)
        if price is not None and (ANY in audience.terms or term in audience.terms):
            most = policy.rules_for(product.sku, term).cart.self_service_max_quantity
            yield TermOffer(term, price, most)
