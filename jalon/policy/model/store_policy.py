"""The whole policy of a store: the content of its file, against which carts are checked and from which terms are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.vendors import Vendor
from jalon.policy.model.catalog import Document, Product
from jalon.policy.model.sections import Audience, Routes, Rules, Store

Subject = Literal["sales", "error", "reseller", "trade_compliance", "faq", "old_terms", "order_late"]


@dataclass(frozen=True, slots=True)
class StorePolicy:
    """A store's policy. `rules` are the store's own, `refined` those of each (sku, term) sold; `policy_hash` is a hash of the content."""

    store: Store
    routes: Routes = field(repr=False)
    audiences: Mapping[str, Audience] = field(repr=False)
    rules: Rules = field(repr=False)
    products: Mapping[str, Product] = field(repr=False)
    documents: tuple[Document, ...] = field(repr=False)
    refined: Mapping[tuple[str, str], Rules] = field(repr=False)
    policy_hash: str

    @property
    def id(self) -> str:
        """The store's id."""
        return self.store.id

    @property
    def vendor(self) -> Vendor:
        """The contracting party; where the file names none, the store's name is all that is known of it."""
        named = self.store.vendor
        return named.party if named is not None else Vendor(self.store.name)

    def rules_for(self, sku: str, term: str) -> Rules:
        """The rules of a product sold for a term, or the store's own where the pair is not sold (X13, P14)."""
        return self.refined.get((sku, term), self.rules)

    def route(self, subject: Subject) -> str:
        """The contact for a subject: an e-mail or https:// address, the store's support where it names none."""
        contact: str | None = getattr(self.routes, subject)
        return contact or self.store.support_email

    def contact_for(self, product: Product) -> str:
        """The contact that sells a product that cannot be put in a cart (D5, T9, T13)."""
        return product.contact or self.route("reseller" if product.reseller_only else "sales")

    def support_for(self, product: Product) -> str:
        """The e-mail address that supports a product (T14)."""
        return product.support or self.store.support_email

    def documents_in_force(self, product: Product, at: datetime) -> tuple[Document, ...]:
        """The terms of sale of a product at an instant: the newest version of each layer (T11)."""
        today = Calendar(self.store.zone).local_date(at)
        newest: dict[str, Document] = {}
        for document in self.documents:
            held = newest.get(document.layer)
            in_force = document.applies_to(product) and document.valid_from <= today
            if in_force and (held is None or held.valid_from <= document.valid_from):
                newest[document.layer] = document
        return tuple(newest.values())
