"""The terms that an order and a renewal keep, whatever changes in the store's file (G6, T11, X13)."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from jalon.domain.money import Money
from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.terms import CartTerms, DestinationRule
from jalon.policy.authoring.loader import load_store, load_stores
from jalon.policy.decisions.destinations import floor
from jalon.policy.decisions.freezing import frozen
from jalon.policy.decisions.placement import (
    OfferWithdrawn,
    cart_terms,
    check_cart,
    freeze,
    freeze_line,
    store_terms,
    terms_digest,
)
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.mark.rule("D8")
def test_a_line_carries_all_it_lives_by(policy: StorePolicy) -> None:
    line = freeze_line(policy, "lens-fleet", "individual", 3, "P1Y", "EUR", NOW)
    assert (line.sku, line.product, line.quantity, line.seats) == ("lens-fleet", "Parc", 3, 15)
    assert (line.price, line.amount) == (Money(Decimal("99.90"), "EUR"), Money(Decimal("299.70"), "EUR"))
    assert (line.support_email, line.charge_at) == ("fleet-help@optics.example.com", "order")
    assert [(document.layer, document.version) for document in line.documents] == [
        ("general", "2026-01"),
        ("by_offer", "1"),
    ]
    assert line.renewal.stop_until == "P5D"
    assert line.activation.steps == ()


@pytest.mark.rule("X13", "P14")
def test_a_line_is_frozen_with_the_rules_of_its_product_and_term(policy: StorePolicy) -> None:
    terms = {
        term: freeze_line(policy, "lens-design", "individual", 1, term, "EUR", NOW).renewal
        for term in ("P1Y", "P3M", "P1M")
    }
    assert {term: renewal.stop_until for term, renewal in terms.items()} == {
        "P1Y": "P30D",
        "P3M": "P3D",
        "P1M": "P3D",
    }
    assert terms["P1M"].notices_before == ("P7D",)


@pytest.mark.rule("T11")
def test_the_terms_of_sale_are_those_in_force_on_the_local_day(policy: StorePolicy) -> None:
    new_version = datetime(2027, 1, 14, 23, 0, tzinfo=UTC)

    def version(at: datetime) -> str:
        return freeze_line(policy, "lens-design", "individual", 1, "P1Y", "EUR", at).documents[0].version

    assert [version(new_version - TICK), version(new_version), version(new_version + TICK)] == [
        "2026-01",
        "2027-01",
        "2027-01",
    ]


@pytest.mark.rule("T11")
def test_a_document_not_yet_in_force_is_not_part_of_the_terms(policy: StorePolicy) -> None:
    line = freeze_line(
        policy, "lens-design", "individual", 1, "P1Y", "EUR", datetime(2019, 12, 31, 22, tzinfo=UTC)
    )
    assert line.documents == ()


@pytest.mark.rule("G6")
def test_an_order_keeps_its_terms_when_the_file_changes(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    first = load_store(write_store())
    kept = freeze(first, cart, placement, NOW)
    said = repr(kept)
    second = load_store(
        write_store(('P1Y = "1200.00"', 'P1Y = "1500.00"'), ('stop_until = "P30D"', 'stop_until = "P9D"'))
    )
    changed = freeze(second, cart, placement, NOW)
    assert repr(kept) == said
    assert kept.lines[0].price == Money(Decimal("1200.00"), "EUR")
    assert changed.lines[0].price == Money(Decimal("1500.00"), "EUR")
    assert kept.sha256 != changed.sha256
    assert kept.store.policy_hash == first.policy_hash != second.policy_hash


@pytest.mark.rule("G6")
def test_the_digest_names_the_whole_content(policy: StorePolicy, cart: Cart, placement: Placement) -> None:
    terms = freeze(policy, cart, placement, NOW)
    assert freeze(policy, cart, placement, NOW) == terms
    assert terms.sha256 == terms_digest(terms)
    assert terms_digest(replace(terms, order_news_within="3BD")) != terms.sha256
    assert terms_digest(replace(terms, lines=())) != terms.sha256


@pytest.mark.rule("X13")
def test_an_order_is_as_strict_as_its_strictest_line(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    fleet = """[products.overrides.sla]
order_news_within = "P1D"
[products.overrides.export]
score_review = 0.5
destinations = [{ countries = ["BE"], action = "hold", basis = "test" }]
"""
    policy = load_store(
        write_store(
            ("[products.overrides.export]\n", fleet),
            ('groups = [["software"]', 'groups = [["purchase"]'),
            ('["fleet", "purchase"]]', '["fleet"]]'),
        )
    )
    both = replace(cart, country="US", lines=(*cart.lines, CartLine("lens-fleet", 1, "P1Y", "individual")))
    terms = freeze(policy, both, replace(placement, billing_country="US"), NOW)
    assert terms.order_news_within == "P1D"
    assert (terms.export.certificate_required, terms.export.hold_max) == (True, "P10D")
    assert (terms.export.score_review, terms.export.score_block) == (0.5, 0.95)
    assert terms.export.destinations[-1] == DestinationRule(("BE",), (), (), "hold", "test")
    assert len(terms.export.destinations) == len(floor()) + 1 + len(policy.rules.export.destinations)
    assert terms.total == Money(Decimal("2499.90"), "EUR")


@pytest.mark.rule("T6")
def test_destination_rules_are_those_in_force_on_the_day(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    dated = """
[[export.destinations]]
countries = ["BE"]
action = "hold"
basis = "dated"
valid_from = 2026-01-15
valid_to = 2026-01-16
"""
    policy = load_store(write_store(append=dated))

    def in_force(at: datetime) -> bool:
        frozen = freeze(policy, cart, placement, at).export.destinations
        return any(rule.basis == "dated" for rule in frozen)

    begins, ends = datetime(2026, 1, 14, 23, tzinfo=UTC), datetime(2026, 1, 16, 23, tzinfo=UTC)
    assert [in_force(begins - TICK), in_force(begins), in_force(begins + TICK)] == [False, True, True]
    assert [in_force(ends - TICK), in_force(ends), in_force(ends + TICK)] == [True, False, False]


@pytest.mark.rule("G5")
def test_holidays_are_frozen_from_the_year_before_to_two_years_after(policy: StorePolicy) -> None:
    holidays = store_terms(policy, NOW).holidays
    assert {day.year for day in holidays} == set(range(2025, 2029))
    assert date(2026, 12, 25) in holidays
    assert date(2026, 7, 14) in holidays
    assert date(2027, 12, 25) not in holidays, "a Saturday is no business day anyway"
    assert store_terms(policy, NOW).calendar.is_business_day(date(2026, 12, 24))


def test_the_holidays_of_a_region(write_store: WriteStore) -> None:
    policy = load_store(write_store(('clock = "test"', 'clock = "test"\nbusiness_calendar = "CA-QC"')))
    assert date(2026, 6, 24) in store_terms(policy, NOW).holidays


def test_a_cart_lives_by_the_store(policy: StorePolicy) -> None:
    assert cart_terms(policy) == CartTerms(reminder_after="P1D", abandoned_after="P30D")


@pytest.mark.rule("H1")
def test_without_steps_there_is_no_window(write_store: WriteStore) -> None:
    activation = '[activation]\nsteps = ["sign"]\nwindow = "P9D"\nreminders = ["P3D"]\n'
    none = "[products.overrides.activation]\nsteps = []\n[products.overrides.export]"
    policy = load_store(write_store(("[products.overrides.export]", none), append=activation))
    with_steps = freeze_line(policy, "lens-design", "individual", 1, "P1Y", "EUR", NOW).activation
    without = freeze_line(policy, "lens-fleet", "individual", 1, "P1Y", "EUR", NOW).activation
    assert (with_steps.window, with_steps.reminders) == ("P9D", ("P3D",))
    assert (without.steps, without.window, without.reminders) == ((), None, ())


def test_a_renewal_of_what_is_no_longer_sold_is_named(policy: StorePolicy) -> None:
    for sku, term, currency in (
        ("gone", "P1Y", "EUR"),
        ("lens-design", "P2Y", "EUR"),
        ("lens-fleet", "P1Y", "USD"),
    ):
        with pytest.raises(OfferWithdrawn, match=sku):
            freeze_line(policy, sku, "individual", 1, term, currency, NOW)


def test_a_policy_can_count_in_seconds_everywhere(
    write_store: WriteStore, cart: Cart, placement: Placement
) -> None:
    text = """
schema_version = 1
audiences.company = { terms = ["PT60S"], payment_kinds = ["card"] }
cart = { reminder_after = "PT5S", abandoned_after = "PT20S" }
export = { certificate_required = true, certificate_window = "PT20S", hold_max = "PT20S" }
payment = { charge_at = "activation", recovery_window = "PT10S", authentication_window = "PT10S" }
seats = { invitation_window = "PT10S" }
renewal = { stop_until = "PT5S", notices_before = ["PT20S"], notice_task_before = "PT10S" }
retention = { period = "PT20S", purge_warning_before = "PT5S" }
sla = { order_news_within = "PT20S" }
[store]
id = "fast"
name = "Fast"
clock = "live"
support_email = "a@b.example.com"
order_number_prefix = "FA"
[activation]
steps = ["open_contract", "click_activate", "sign"]
window = "PT20S"
reminders = ["PT5S", "PT10S"]
[[products]]
sku = "lens-design"
name = { fr = "a", en = "a" }
terms = ["PT60S"]
prices.EUR.PT60S = "1.00"
[[documents]]
layer = "general"
version = "1"
valid_from = 2020-01-01
title = { fr = "a", en = "a" }
text = { fr = "a", en = "a" }
"""
    path = write_store(name="fast.toml")
    path.write_text(text, encoding="utf-8")
    fast = replace(cart, lines=(CartLine("lens-design", 1, "PT60S", "individual"),))
    terms = freeze(load_store(path), fast, placement, NOW)
    assert (terms.order_news_within, terms.lines[0].term, terms.lines[0].activation.window) == (
        "PT20S",
        "PT60S",
        "PT20S",
    )


def test_freezing_is_quick(policy: StorePolicy, cart: Cart, placement: Placement) -> None:
    freeze(policy, cart, placement, NOW)
    spent = []
    for _ in range(20):
        begun = time.perf_counter()
        freeze(policy, cart, placement, NOW)
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.005


@pytest.mark.rule("X3", "D8")
@pytest.mark.parametrize(
    ("store", "sku", "charge_at"),
    [
        ("fastening", "anchor-design-premium", "activation"),
        ("fastening", "tool-fleet", "order"),
        ("geomatics", "sketcher", "order"),
        ("drafting", "drafting-suite", "order"),
        ("lifecycle", "collaborator", "order"),
    ],
)
def test_what_is_to_be_activated_is_charged_then_and_all_else_in_advance(
    store: str, sku: str, charge_at: str
) -> None:
    policy = load_stores(Path(__file__).parents[4] / "stores")[store]
    assert freeze_line(policy, sku, "individual", 1, "P1Y", "EUR", NOW).charge_at == charge_at


@pytest.mark.rule("P1", "T5", "T8")
def test_a_store_that_says_nothing_manages_users_asks_for_no_certificate_and_sells_any_quantity() -> None:
    policy = load_stores(Path(__file__).parents[4] / "stores")["lifecycle"]
    line = CartLine("collaborator", 40, "P1Y", "individual")
    cart = Cart("pty_1", "FR", "company", "EUR", (line,))
    terms = frozen(policy, cart, NOW)
    assert check_cart(policy, cart) == []
    assert (terms.lines[0].user_management, terms.export.certificate_required) == (True, False)


@pytest.mark.rule("P10")
def test_a_store_that_says_nothing_gives_a_buyer_one_day_to_confirm_at_the_bank() -> None:
    policy = load_stores(Path(__file__).parents[4] / "stores")["lifecycle"]
    cart = Cart("pty_1", "FR", "company", "EUR", (CartLine("collaborator", 1, "P1Y", "individual"),))
    assert frozen(policy, cart, NOW).authentication_window == "P1D"
