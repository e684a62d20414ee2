"""What is in force when: terms of sale, holidays, and the terms that a notice announced (T11, G5, X15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.domain.order import Cart, Placement
from jalon.policy.authoring.loader import load_store
from jalon.policy.decisions.freezing import bound_by
from jalon.policy.decisions.placement import (
    NotPlaceable,
    Offer,
    catalog_view,
    check_terms,
    freeze,
    freeze_line,
    store_terms,
)
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LATER_TERMS = ('valid_from = 2020-01-01\ntitle = { fr = "Con', 'valid_from = 2026-01-16\ntitle = { fr = "Con')
FIRST_DAY = datetime(2026, 1, 15, 23, tzinfo=UTC)
"""The first instant, in the store's zone, of the day from which `LATER_TERMS` are in force."""


@pytest.mark.rule("T11")
def test_nothing_is_sold_before_its_terms_are_in_force(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    policy = load_store(write_store(LATER_TERMS))
    (violation,) = check_terms(policy, cart, FIRST_DAY - TICK)
    assert (violation.code, violation.pointer, violation.rule) == ("no_terms_in_force", "/lines/0/sku", "T11")
    with pytest.raises(NotPlaceable):
        freeze(policy, cart, placement, FIRST_DAY - TICK)
    assert check_terms(policy, cart, FIRST_DAY) == []
    assert freeze(policy, cart, placement, FIRST_DAY).lines[0].documents


@pytest.mark.rule("T11", "D5")
def test_the_catalog_offers_nothing_before_its_terms_are_in_force(write_store: WriteStore) -> None:
    policy = load_store(write_store(LATER_TERMS))

    def shown(at: datetime) -> Offer:
        catalog = catalog_view(policy, "FR", "company", "EUR", at)
        return next(offer for offer in catalog if offer.sku == "lens-design")

    before = shown(FIRST_DAY - TICK)
    assert [(each.code, each.rule) for each in before.refusals] == [("no_terms_in_force", "T11")]
    assert (before.buyable, before.offers) == (False, ())
    assert shown(FIRST_DAY).buyable


@pytest.mark.rule("G5")
def test_holidays_reach_beyond_the_end_of_the_longest_term(write_store: WriteStore) -> None:
    longer = load_store(
        write_store(
            (
                'terms = ["P1Y", "P1M"]\nprices.EUR = { P1Y = "80.00",',
                'terms = ["P4Y", "P1M"]\nprices.EUR = { P4Y = "80.00",',
            ),
            ('prices.USD = { P1Y = "80.00", P1M = "8.00" }', 'prices.USD = { P4Y = "80.00", P1M = "8.00" }'),
            ('[audiences.maker]\nterms = ["P1Y", "P1M"]', '[audiences.maker]\nterms = ["P4Y", "P1M"]'),
        )
    )
    assert date(2030, 5, 1) in store_terms(longer, NOW).holidays


@pytest.mark.rule("X15")
@pytest.mark.parametrize(
    ("announced", "later", "charged"), [("2640", "3000", "2640"), ("2640", "2400", "2400")]
)
def test_an_announced_price_binds_unless_a_lower_one_is_in_force(
    policy: StorePolicy, announced: str, later: str, charged: str
) -> None:
    line = freeze_line(policy, "lens-design", "individual", 2, "P1Y", "EUR", NOW)
    promised, now = (
        replace(
            line, price=Money(Decimal(price), "EUR"), documents=line.documents if price == announced else ()
        )
        for price in (announced, later)
    )
    bound = bound_by(promised, now)
    assert (bound.price, bound.amount) == (Money(Decimal(charged), "EUR"), Money(Decimal(charged) * 2, "EUR"))
    assert bound.documents == line.documents
