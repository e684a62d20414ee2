"""Checks a cart against its store's policy and reports every violation at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from jalon.domain.error_codes import ErrorCode, StoreCode
from jalon.domain.order import Cart, CartLine
from jalon.domain.terms import SEATS_AT_MOST
from jalon.domain.violations import Violation
from jalon.policy.model.catalog import Product
from jalon.policy.model.sections import CartRule
from jalon.policy.model.store_policy import StorePolicy
from jalon.policy.model.vocabulary import ANY, is_country, is_currency
from jalon.policy.suggestions import suggestions


def check_cart(policy: StorePolicy, cart: Cart) -> list[Violation]:
    """Every violation of a cart, those of the whole cart first. Pointers are into the cart's JSON."""
    return [*_check_whole(policy, cart), *_check_lines(policy, cart), *_check_rules(policy, cart)]


def selling_violation(policy: StorePolicy, product: Product, pointer: str) -> Violation | None:
    """The violation of a product that cannot be put in any cart, with who sells it instead (D5, T9); None where it can."""
    contact = policy.contact_for(product)
    if product.reseller_only:
        message = f'"{product.sku}" is sold by resellers only: {contact} tells which'
        return Violation(ErrorCode.SOLD_BY_RESELLERS_ONLY, message, pointer, "T9")
    if not product.sold_online:
        message = f'"{product.sku}" is not sold online: ask {contact}'
        return Violation(ErrorCode.NOT_SOLD_ONLINE, message, pointer, "D5")
    return None


def terms_violation(policy: StorePolicy, product: Product, at: datetime, pointer: str) -> Violation | None:
    """The violation of a product without terms of sale in force at `at`: no terms, no sale (T11). None where it has some or is not sold."""
    if not product.buyable or policy.documents_in_force(product, at):
        return None
    message = f'"{product.sku}" has no terms of sale in force yet: ask {policy.route("sales")}'
    return Violation(ErrorCode.NO_TERMS_IN_FORCE, message, pointer, "T11")


def country_violation(policy: StorePolicy, product: Product, country: str, pointer: str) -> Violation | None:
    """The violation of a product that cannot be sold to a country, with its sales contact (T13); None where it can."""
    if product.sold_to_country(country):
        return None
    where = ", ".join(product.countries)
    message = f'"{product.sku}" is sold to {where} only, not to {country}: ask {policy.contact_for(product)}'
    return Violation(ErrorCode.COUNTRY_NOT_SOLD, message, pointer, "T13")


def country_code_violation(policy: StorePolicy, country: str, pointer: str) -> Violation | None:
    """The violation of a country code that the store does not sell to; None where it does."""
    if not is_country(country):
        message = f'"{country}" is not a country: write its ISO 3166-1 code of two capitals, as in "FR"'
        return Violation(ErrorCode.UNKNOWN_COUNTRY, message, pointer)
    if ANY not in policy.store.countries and country not in policy.store.countries:
        sold_to = ", ".join(policy.store.countries)
        message = f"{policy.store.name} sells to {sold_to}, not to {country}: ask {policy.route('sales')}"
        return Violation(ErrorCode.COUNTRY_NOT_SERVED, message, pointer)
    return None


def _check_whole(policy: StorePolicy, cart: Cart) -> Iterator[Violation]:
    country = country_code_violation(policy, cart.country, "/country")
    if country is not None:
        yield country
    if cart.audience not in policy.audiences:
        audiences = ", ".join(policy.audiences)
        yield Violation(
            ErrorCode.UNKNOWN_AUDIENCE,
            f'"{cart.audience}" is no audience here; audiences: {audiences}',
            "/audience",
            "D4",
        )
    if not is_currency(cart.currency):
        message = (
            f'"{cart.currency}" is not a currency: write its ISO 4217 code of three capitals, as in "EUR"'
        )
        yield Violation(ErrorCode.UNKNOWN_CURRENCY, message, "/currency")
    elif cart.currency not in policy.store.currencies:
        sold_in = ", ".join(policy.store.currencies)
        yield Violation(
            ErrorCode.CURRENCY_NOT_SOLD,
            f"{policy.store.name} sells in {sold_in}, not in {cart.currency}",
            "/currency",
        )
    if not cart.lines:
        yield Violation(
            ErrorCode.NO_LINES,
            "the cart is empty: add a line with sku, quantity, term and licence_kind",
            "/lines",
        )


def _check_lines(policy: StorePolicy, cart: Cart) -> Iterator[Violation]:
    so_far: Counter[str] = Counter()
    for index, line in enumerate(cart.lines):
        pointer = f"/lines/{index}"
        product = policy.products.get(line.sku)
        if product is None:
            yield _unknown_sku(policy, line.sku, f"{pointer}/sku")
            continue
        yield from _check_product(policy, product, cart, pointer)
        yield from _check_term(policy, product, cart, line, pointer)
        if line.licence_kind not in product.licence_kinds:
            kinds = ", ".join(product.licence_kinds)
            message = (
                f'"{line.sku}" is licensed as {kinds}, not as "{line.licence_kind}": choose one of these'
            )
            yield Violation(ErrorCode.LICENCE_KIND_NOT_SOLD, message, f"{pointer}/licence_kind", "H15")
        before = so_far[line.sku]
        so_far[line.sku] += max(line.quantity, 0)
        yield from _check_quantity(policy, product, line, before, f"{pointer}/quantity")


def _unknown_sku(policy: StorePolicy, sku: str, pointer: str) -> Violation:
    alike = suggestions(sku, policy.products)
    hint = (
        f"; did you mean {' or '.join(alike)}?"
        if alike
        else f"; {policy.store.name} sells {', '.join(policy.products)}"
    )
    return Violation(ErrorCode.UNKNOWN_SKU, f'no product has the sku "{sku}"{hint}', pointer)


def _check_product(policy: StorePolicy, product: Product, cart: Cart, pointer: str) -> Iterator[Violation]:
    selling = selling_violation(policy, product, f"{pointer}/sku")
    if selling is not None:
        yield selling
    if is_country(cart.country):
        country = country_violation(policy, product, cart.country, f"{pointer}/sku")
        if country is not None:
            yield country
    if cart.audience in policy.audiences and not product.sold_to_audience(cart.audience):
        message = f'"{product.sku}" is sold to {", ".join(product.audiences)}, not to {cart.audience}'
        yield Violation(ErrorCode.AUDIENCE_NOT_SOLD, message, f"{pointer}/sku", "D4")
    if cart.currency in policy.store.currencies and cart.currency not in product.priced_in(
        policy.store.currencies
    ):
        sold_in = ", ".join(product.priced_in(policy.store.currencies))
        message = f'"{product.sku}" is priced in {sold_in}, not in {cart.currency}: open a cart in {sold_in}'
        yield Violation(ErrorCode.CURRENCY_NOT_SOLD, message, f"{pointer}/sku")


def _check_term(
    policy: StorePolicy, product: Product, cart: Cart, line: CartLine, pointer: str
) -> Iterator[Violation]:
    pointer = f"{pointer}/term"
    if line.term not in product.terms:
        terms = ", ".join(product.terms) or "no term"
        yield Violation(
            ErrorCode.TERM_NOT_SOLD, f'"{line.sku}" is sold for {terms}, not for "{line.term}"', pointer, "D7"
        )
        return
    audience = policy.audiences.get(cart.audience)
    if audience is not None and ANY not in audience.terms and line.term not in audience.terms:
        allowed = ", ".join(term for term in product.terms if term in audience.terms) or "none of its terms"
        message = f'{cart.audience} may buy "{line.sku}" for {allowed}, not for {line.term}'
        yield Violation(ErrorCode.TERM_NOT_FOR_AUDIENCE, message, pointer, "D7")


def _check_quantity(
    policy: StorePolicy, product: Product, line: CartLine, before: int, pointer: str
) -> Iterator[Violation]:
    rules, contact = policy.rules_for(line.sku, line.term), product.contact or policy.route("sales")
    most, seats = rules.cart.self_service_max_quantity, line.quantity * product.seats_per_unit
    if line.quantity < 1:
        yield Violation(
            ErrorCode.QUANTITY_TOO_LOW, f"a quantity is 1 or more, not {line.quantity}", pointer, "H16"
        )
    elif most and before + line.quantity > most:
        wanted = before + line.quantity
        message = f'{wanted} of "{line.sku}" is above {most}, the most sold online: ask {contact} for a price'
        yield Violation(ErrorCode.QUANTITY_ABOVE_SELF_SERVICE, message, pointer, "T8")
    elif rules.seats.user_management and seats > SEATS_AT_MOST:
        message = (
            f'{line.quantity} of "{line.sku}" have {seats} seats, and one line has at most {SEATS_AT_MOST}: '
            f"order several lines, or ask {contact}"
        )
        yield Violation(ErrorCode.QUANTITY_ABOVE_SELF_SERVICE, message, pointer, "T8")


def _check_rules(policy: StorePolicy, cart: Cart) -> Iterator[Violation]:
    known = [(index, line) for index, line in enumerate(cart.lines) if line.sku in policy.products]
    for rule in policy.rules.cart.rules:
        yield from _check_rule(policy, rule, known)


def _check_rule(
    policy: StorePolicy, rule: CartRule, lines: Sequence[tuple[int, CartLine]]
) -> Iterator[Violation]:
    """Yields a violation for each line that departs from the first line."""
    first: tuple[int, str] | None = None
    for index, line in lines:
        value = (
            policy.products[line.sku].item_family
            if rule.attribute == "item_family"
            else getattr(line, rule.attribute)
        )
        side = value if rule.kind == "same" else _group_of(rule, value)
        if side is None:
            continue
        if first is None:
            first = index, side
        elif side != first[1]:
            field = "sku" if rule.attribute == "item_family" else rule.attribute
            message = f"{rule.message} (line {index} has {value}, line {first[0]} does not agree)"
            yield Violation(StoreCode(rule.code), message, f"/lines/{index}/{field}", rule.rule)


def _group_of(rule: CartRule, value: str) -> str | None:
    return next((group[0] for group in rule.groups if value in group), None)
