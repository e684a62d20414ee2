"""The catalog as a buyer sees it (D5, T8, T13)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.policy.decisions.placement import Offer, catalog_view
from jalon.policy.model.store_policy import StorePolicy

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def offers(
    policy: StorePolicy, country: str = "FR", audience: str = "company", currency: str = "EUR"
) -> dict[str, Offer]:
    return {offer.sku: offer for offer in catalog_view(policy, country, audience, currency, NOW)}


def refusals(offer: Offer) -> list[str]:
    return [refusal.code for refusal in offer.refusals]


@pytest.mark.rule("D7")
def test_what_can_be_bought_has_a_price_for_each_term_of_the_audience(policy: StorePolicy) -> None:
    design = offers(policy)["lens-design"]
    assert design.buyable
    assert [(offer.term, offer.price, offer.self_service_max_quantity) for offer in design.offers] == [
        ("P1Y", Money(Decimal("1200.00"), "EUR"), 10),
        ("P3M", Money(Decimal("330.00"), "EUR"), 10),
    ]
    assert [offer.term for offer in offers(policy, audience="maker")["lens-design"].offers] == ["P1Y", "P1M"]


@pytest.mark.rule("D5", "T9", "T13")
def test_what_cannot_be_bought_says_why_and_who_answers(policy: StorePolicy) -> None:
    shown = offers(policy)
    assert {sku: (refusals(offer), offer.contact) for sku, offer in shown.items() if not offer.buyable} == {
        "lens-fleet": (["country_not_sold"], "fleet@optics.example.com"),
        "lens-maker": (["audience_not_sold"], "sales@optics.example.com"),
        "lens-lab": (["not_sold_online"], "sales@optics.example.com"),
        "lens-reseller": (["sold_by_resellers_only"], "support@optics.example.com"),
    }
    assert all(not offer.offers for offer in shown.values() if not offer.buyable)


@pytest.mark.rule("D4", "T13")
def test_a_product_elsewhere_or_in_another_currency(policy: StorePolicy) -> None:
    assert offers(policy, country="US")["lens-fleet"].buyable
    assert refusals(offers(policy, country="US", currency="USD")["lens-fleet"]) == ["currency_not_sold"]
    assert refusals(offers(policy, country="UK", audience="x")["lens-design"]) == [
        "unknown_country",
        "unknown_audience",
    ]
