"""The catalog of a store, and its terms of sale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated

from jalon.domain.money import Money
from jalon.domain.terms import SEATS_AT_MOST
from jalon.domain.terms_texts import TermsText
from jalon.policy.model.contacts import Contact, Email
from jalon.policy.model.keys import Section, Several, key
from jalon.policy.model.vocabulary import (
    ANY,
    AllDifferent,
    AllTermsDifferent,
    CountryOrAny,
    CurrencyCode,
    CurrencyOrAny,
    Language,
    LicenceKind,
    LinesText,
    LineText,
    Name,
    NameOrAny,
    PriceText,
    SoftwareClass,
    TermText,
)

Titles = dict[Language, LineText]
Texts = dict[Language, Annotated[LinesText, Several]]


class Product(Section):
    """One thing that can be bought."""

    sku: Name = key("Its id in carts, unique in the store: small letters, digits, `-`.")
    name: Titles = key("Its name in each language of the store.")
    item_family: Name = key("What kind of thing it is, for cart rules and terms: `software`, `fleet`, …")
    sold_online: bool = key("Whether it can be put in a cart; else `contact` answers (D5).")
    reseller_only: bool = key("Whether only resellers sell it; `routes.reseller` answers (T9).")
    countries: Annotated[tuple[CountryOrAny, ...], Several, AllDifferent] = key(
        'ISO 3166-1 codes it is sold to; `["*"]` for wherever the store sells (T13).'
    )
    audiences: Annotated[tuple[NameOrAny, ...], Several, AllDifferent] = key(
        'Audiences it is sold to; `["*"]` for all (D4).'
    )
    currencies: Annotated[tuple[CurrencyOrAny, ...], Several, AllDifferent] = key(
        'Currencies it is priced in; `["*"]` for all of the store.'
    )
    terms: Annotated[tuple[TermText, ...], AllTermsDifferent] = key("Terms it is sold for.")
    licence_kinds: Annotated[tuple[LicenceKind, ...], Several, AllDifferent] = key(
        "`individual` (one person) and `floating` (a pool of concurrent users) (H15, X10)."
    )
    software_classes: Annotated[tuple[SoftwareClass, ...], AllDifferent] = key(
        "What the software is, for destination rules (T6)."
    )
    seats_per_unit: int = key("Users each unit of quantity carries.", ge=1, le=SEATS_AT_MOST)
    prices: dict[CurrencyCode, dict[TermText, PriceText]] = key(
        'Price of one unit for one term, by currency and term, as text: `prices.EUR.P1Y = "1200.00"`.'
    )
    contact: Contact | None = key("Who sells it otherwise; else `routes.sales` (D5, T13).", default=None)
    support: Email | None = key("Its own support address; else the store's (T14).", default=None)
    overrides: dict[str, dict[str, object]] = key(
        "Sections of the store refined for this product: `[products.overrides.renewal]`, and per term in "
        '`[products.overrides.terms."P1Y".renewal]` (P14, X13).',
        default_factory=dict,
    )

    @property
    def buyable(self) -> bool:
        """Whether the product can be put in any cart (D5, T9)."""
        return self.sold_online and not self.reseller_only

    def sold_to_audience(self, audience: str) -> bool:
        """Whether an audience may buy the product (D4)."""
        return ANY in self.audiences or audience in self.audiences

    def sold_to_country(self, country: str) -> bool:
        """Whether the product may be sold to a country, ISO 3166-1 alpha-2 (T13)."""
        return ANY in self.countries or country in self.countries

    def priced_in(self, store_currencies: tuple[str, ...]) -> tuple[str, ...]:
        """The currencies of its store in which the product is sold."""
        return tuple(code for code in store_currencies if ANY in self.currencies or code in self.currencies)

    def price(self, currency: str, term: str) -> Money | None:
        """The price of one unit for one term, or None where there is none."""
        amounts: Mapping[str, str] = self.prices.get(currency, {})
        return Money(Decimal(amounts[term]), currency) if term in amounts else None


class Document(Section):
    """One layer of the terms of sale in one version (T11); earlier versions stay in the file (T12)."""

    layer: Name = key("`general`, `by_category`, `by_offer` or a layer of your own (T11).")
    version: LineText = key("The version's name, as printed.")
    valid_from: date = key("First day it is in force, in the store's zone.")
    item_families: Annotated[tuple[Name, ...], AllDifferent] = key(
        "Only for these item families; empty for all.", default=()
    )
    skus: Annotated[tuple[Name, ...], AllDifferent] = key(
        "Only for these products; empty for all.", default=()
    )
    title: Titles = key("Its title in each language of the store.")
    text: Texts = key("Its text in each language; or give `file.fr`, relative to the store file.")

    def applies_to(self, product: Product) -> bool:
        """Whether a product is sold under this document."""
        of_family = not self.item_families or product.item_family in self.item_families
        return of_family and (not self.skus or product.sku in self.skus)

    @property
    def archived(self) -> TermsText:
        """The document as it is archived and hashed, without what says when and to what it applies."""
        title, text = (
            {str(spoken): said for spoken, said in each.items()} for each in (self.title, self.text)
        )
        return TermsText(self.layer, self.version, title, text)

    @property
    def content(self) -> bytes:
        """The exact bytes to archive."""
        return self.archived.content

    @property
    def sha256(self) -> str:
        """Hex digest of `content`."""
        return self.archived.sha256
