"""Finds contradictions between the parts of a store file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jalon.policy.authoring.faults import FaultList
from jalon.policy.authoring.lines import Path
from jalon.policy.authoring.parsed_file import ParsedFile
from jalon.policy.model.catalog import Document, Product, Texts, Titles
from jalon.policy.model.sections import CartPolicy, PaymentPolicy, Store
from jalon.policy.model.vocabulary import ANY
from jalon.policy.suggestions import nearest


def check_consistency(parsed: ParsedFile, faults: FaultList) -> None:
    """Records every contradiction between the parts that could be read."""
    if parsed.store is not None:
        _check_store(parsed.store, faults)
        _check_texts(parsed, parsed.store, faults)
    _check_audiences(parsed, faults)
    _check_cart_rules(parsed, faults)
    _check_skus(parsed.products, faults)
    for index, product in parsed.products.items():
        _check_product(parsed, product, ("products", index), faults)
    _check_documents(parsed, faults)


def _check_store(store: Store, faults: FaultList) -> None:
    if store.default_language not in store.languages:
        faults.add(("store", "default_language"), f'"{store.default_language}" is not among store.languages')
    if store.clock_starts_at is not None and store.clock == "live":
        faults.add(
            ("store", "clock_starts_at"), "is for a test clock only: a live store's clock is real time"
        )


def _check_texts(parsed: ParsedFile, store: Store, faults: FaultList) -> None:
    for index, product in parsed.products.items():
        _check_languages(product.name, store, ("products", index, "name"), faults)
    for index, document in parsed.documents.items():
        _check_languages(document.title, store, ("documents", index, "title"), faults)
        _check_languages(document.text, store, ("documents", index, "text"), faults)


def _check_languages(texts: Texts | Titles, store: Store, path: Path, faults: FaultList) -> None:
    for language in store.languages:
        if language not in texts:
            faults.add(path, f'"{language}" is missing: the store speaks {", ".join(store.languages)}')


def _check_audiences(parsed: ParsedFile, faults: FaultList) -> None:
    payment = parsed.rules.get("payment")
    kinds = payment.kinds if isinstance(payment, PaymentPolicy) else None
    for name, audience in parsed.audiences.items():
        for term in audience.terms:
            if term != ANY and parsed.every_product_read and term not in parsed.offered_terms:
                known = ", ".join(parsed.offered_terms) or "none"
                faults.add(
                    ("audiences", name, "terms"), f'no product is sold for "{term}"; terms sold: {known}'
                )
        for kind in audience.payment_kinds:
            if kinds is not None and kind not in kinds:
                faults.add(("audiences", name, "payment_kinds"), f'"{kind}" is not among payment.kinds')


def _check_cart_rules(parsed: ParsedFile, faults: FaultList) -> None:
    cart = parsed.rules.get("cart")
    if not isinstance(cart, CartPolicy) or not parsed.every_product_read:
        return
    families = {product.item_family for product in parsed.products.values()}
    for index, rule in enumerate(cart.rules):
        for value in (value for group in rule.groups for value in group):
            if rule.attribute == "item_family" and value not in families:
                path: Path = ("cart", "rules", index)
                faults.add(
                    path,
                    f'no product is of the item family "{value}"{nearest(value, families)}',
                    [(*path, "groups")],
                )


def _check_skus(products: Mapping[int, Product], faults: FaultList) -> None:
    first_at: dict[str, int] = {}
    for index, product in products.items():
        first = first_at.setdefault(product.sku, index)
        if first != index:
            faults.add(
                ("products", index, "sku"),
                f'"{product.sku}" is already products[{first}]: a sku is sold once',
            )


def _check_product(parsed: ParsedFile, product: Product, path: Path, faults: FaultList) -> None:
    if product.buyable and not product.terms:
        faults.add((*path, "terms"), "what is sold online has one term or more")
    for audience in product.audiences:
        if audience != ANY and parsed.every_audience_read and audience not in parsed.audiences:
            hint = nearest(audience, parsed.audiences) or f"; audiences: {', '.join(parsed.audiences)}"
            faults.add((*path, "audiences"), f'"{audience}" is no audience of the store{hint}')
    _check_terms_are_for_someone(parsed, product, path, faults)
    if parsed.store is not None:
        _check_prices(parsed.store, product, path, faults)


def _check_terms_are_for_someone(parsed: ParsedFile, product: Product, path: Path, faults: FaultList) -> None:
    buyers = [audience for name, audience in parsed.audiences.items() if product.sold_to_audience(name)]
    for term in product.terms if buyers and parsed.every_audience_read else ():
        if not any(ANY in buyer.terms or term in buyer.terms for buyer in buyers):
            faults.add(
                (*path, "terms"), f'no audience of this product may buy it for "{term}": see audiences (D7)'
            )


def _check_prices(store: Store, product: Product, path: Path, faults: FaultList) -> None:
    currencies = product.priced_in(store.currencies)
    for currency in product.currencies:
        if currency != ANY and currency not in store.currencies:
            faults.add((*path, "currencies"), f'"{currency}" is not among store.currencies')
    for currency in currencies if product.buyable else ():
        for term in product.terms:
            if term not in product.prices.get(currency, {}):
                faults.add(
                    (*path, "prices", currency, term),
                    f"has no price in {currency} for {term}: name it, or do not sell the product in {currency} or for {term}",
                )
    for currency, amounts in product.prices.items():
        for term in amounts:
            _check_price(product, currency, term, currencies, (*path, "prices", currency, term), faults)


def _check_price(
    product: Product, currency: str, term: str, currencies: Iterable[str], path: Path, faults: FaultList
) -> None:
    if currency not in currencies:
        faults.add(path, f"is a price nobody can pay: the product is not sold in {currency}")
    elif term not in product.terms:
        faults.add(path, f'is a price nobody can pay: the product is not sold for "{term}"')
    try:
        product.price(currency, term)
    except ValueError as not_money:
        faults.add(path, str(not_money))


def _check_documents(parsed: ParsedFile, faults: FaultList) -> None:
    families = {product.item_family for product in parsed.products.values()}
    skus = {product.sku for product in parsed.products.values()}
    for index, document in parsed.documents.items() if parsed.every_product_read else ():
        _check_known(document.item_families, families, ("documents", index, "item_families"), faults)
        _check_known(document.skus, skus, ("documents", index, "skus"), faults)
    for index, product in parsed.products.items():
        of_product = [document for document in parsed.documents.values() if document.applies_to(product)]
        if not of_product and parsed.every_document_read and product.buyable:
            faults.add(
                ("products", index),
                f'no [[documents]] applies to "{product.sku}": nothing is sold without terms',
            )
    _check_document_clashes(parsed, faults)


def _check_known(named: Iterable[str], known: set[str], path: Path, faults: FaultList) -> None:
    for name in named:
        if name not in known:
            faults.add(path, f'"{name}" is in no product{nearest(name, known)}')


def _check_document_clashes(parsed: ParsedFile, faults: FaultList) -> None:
    documents = list(parsed.documents.items())
    for position, (index, document) in enumerate(documents):
        for _, earlier in documents[:position]:
            shared = [
                p.sku for p in parsed.products.values() if document.applies_to(p) and earlier.applies_to(p)
            ]
            if shared and _same_version(document, earlier):
                message = f'"{shared[0]}" has another document of this layer valid from {document.valid_from}'
                faults.add(("documents", index), message)


def _same_version(document: Document, other: Document) -> bool:
    return document.layer == other.layer and document.valid_from == other.valid_from
