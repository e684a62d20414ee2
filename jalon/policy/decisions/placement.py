"""Checks a cart and its placement against a policy, and freezes the order's terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jalon.domain.compliance.regions import REGIONS
from jalon.domain.error_codes import ErrorCode
from jalon.domain.order import Cart, Placement
from jalon.domain.terms import OrderTerms
from jalon.domain.violations import Violation
from jalon.policy.decisions.carts import (
    check_cart,
    country_code_violation,
    country_violation,
    terms_violation,
)
from jalon.policy.decisions.destinations import ruled_by_region
from jalon.policy.decisions.freezing import (
    OfferWithdrawn,
    cart_terms,
    freeze_line,
    frozen,
    store_terms,
    terms_digest,
)
from jalon.policy.decisions.offers import Offer, Refusal, TermOffer, catalog_view
from jalon.policy.model.store_policy import StorePolicy
from jalon.policy.model.vocabulary import is_country

__all__ = [
    "NotPlaceable",
    "Offer",
    "OfferWithdrawn",
    "Refusal",
    "TermOffer",
    "cart_terms",
    "catalog_view",
    "check_cart",
    "check_placement",
    "check_terms",
    "freeze",
    "freeze_line",
    "stands",
    "store_terms",
    "terms_digest",
]


class NotPlaceable(Exception):
    """A cart cannot be frozen; `violations` are those of `check_placement`."""

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(violation.message for violation in violations))


def check_placement(policy: StorePolicy, cart: Cart, placement: Placement) -> list[Violation]:
    """Every violation of the cart, checked again, and of its placement (T4, T13, D8, H18, H19)."""
    return [
        *check_cart(policy, cart),
        *_check_acceptances(policy, cart, placement),
        *_check_payment(policy, cart, placement),
        *_check_billing(policy, cart, placement),
    ]


def check_terms(policy: StorePolicy, cart: Cart, at: datetime) -> list[Violation]:
    """A violation for each line whose product has no terms of sale in force at `at`: no terms, no sale (T11)."""
    return [
        violation
        for index, line in enumerate(cart.lines)
        if (product := policy.products.get(line.sku)) is not None
        and (violation := terms_violation(policy, product, at, f"/lines/{index}/sku")) is not None
    ]


def freeze(policy: StorePolicy, cart: Cart, placement: Placement, at: datetime) -> OrderTerms:
    """The terms of the order from `at` on, whatever changes in the store's file later (G6). Raises NotPlaceable."""
    violations = [*check_placement(policy, cart, placement), *check_terms(policy, cart, at)]
    if violations:
        raise NotPlaceable(violations)
    return frozen(policy, cart, at)


def stands(policy: StorePolicy, cart: Cart, confirmed: OrderTerms, at: datetime) -> bool:
    """Whether the cart would still be placed at `at` on the very lines that its buyer confirmed (G6, T11)."""
    if check_cart(policy, cart) or check_terms(policy, cart, at):
        return False
    return frozen(policy, cart, at).lines == confirmed.lines


def _check_acceptances(policy: StorePolicy, cart: Cart, placement: Placement) -> Iterator[Violation]:
    if policy.rules.cart.terms_checkbox_required and not placement.terms_accepted:
        message = (
            "terms_accepted is not true: the buyer ticks the terms of sale before placing; /v1/catalog names those of each product, "
            "and /v1/terms/{sha256} has their text"
        )
        yield Violation(ErrorCode.TERMS_NOT_ACCEPTED, message, "/terms_accepted", "H19")
    needed = any(policy.rules_for(line.sku, line.term).export.acceptance_required for line in cart.lines)
    if needed and not placement.export_control_accepted:
        where = policy.route("trade_compliance")
        message = (
            f"export_control_accepted is not true: the buyer accepts the export requirements, see {where}"
        )
        yield Violation(ErrorCode.EXPORT_REQUIREMENTS_NOT_ACCEPTED, message, "/export_control_accepted", "T4")


def _is_free(policy: StorePolicy, cart: Cart) -> bool:
    """Whether every line of the cart has the price of nothing."""
    products = [(policy.products.get(line.sku), line.term) for line in cart.lines]
    prices = [product.price(cart.currency, term) if product else None for product, term in products]
    return bool(prices) and all(price is not None and not price.amount for price in prices)


def _check_payment(policy: StorePolicy, cart: Cart, placement: Placement) -> Iterator[Violation]:
    if _is_free(policy, cart) and not placement.payment_method:
        return
    audience = policy.audiences.get(cart.audience)
    kinds: tuple[str, ...] = policy.rules.payment.kinds if audience is None else audience.payment_kinds
    if placement.payment_kind not in kinds:
        who = policy.store.name if audience is None else f"the audience {cart.audience}"
        message = f'{who} may pay by {", ".join(kinds)}, not by "{placement.payment_kind}"'
        yield Violation(ErrorCode.PAYMENT_KIND_NOT_OFFERED, message, "/payment_kind", "D8")
    if not placement.payment_method:
        message = "payment_method is missing: send the token that the payment provider gave"
        yield Violation(ErrorCode.PAYMENT_METHOD_REQUIRED, message, "/payment_method", "D8")


def _check_region(policy: StorePolicy, cart: Cart, country: str, region: str | None) -> Iterator[Violation]:
    pointer = "/billing_address/region"
    if region is not None and not (region in REGIONS and region.startswith(f"{country}-")):
        message = f"{region} is no region of {country}: write the ISO 3166-2 code of the address"
        yield Violation(ErrorCode.BILLING_REGION_REQUIRED, message, pointer, "T6")
    ruled = ruled_by_region(policy.rules_for(line.sku, line.term).export for line in cart.lines)
    if region is None and country in ruled:
        message = f"region is missing: an address in {country} needs its ISO 3166-2 code, as in UA-30"
        yield Violation(ErrorCode.BILLING_REGION_REQUIRED, message, pointer, "T6")


def _check_billing(policy: StorePolicy, cart: Cart, placement: Placement) -> Iterator[Violation]:
    if not placement.billing_address:
        yield Violation(
            ErrorCode.BILLING_ADDRESS_REQUIRED,
            "billing_address is missing: an order needs one",
            "/billing_address",
            "H18",
        )
    country = placement.billing_country
    if not country:
        yield Violation(
            ErrorCode.BILLING_COUNTRY_REQUIRED,
            "billing_country is missing: an order needs one",
            "/billing_country",
            "H18",
        )
        return
    not_served = country_code_violation(policy, country, "/billing_country")
    if not_served is not None:
        yield not_served
    yield from _check_region(policy, cart, country, placement.billing_region)
    if country == cart.country or not is_country(country):
        return
    for sku in dict.fromkeys(line.sku for line in cart.lines):
        product = policy.products.get(sku)
        not_sold = (
            country_violation(policy, product, country, "/billing_country") if product is not None else None
        )
        if not_sold is not None:
            yield not_sold
