"""Repeated actions: placed again, edited again, stopped while unpaid, compensated after the money moved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.test_money import heard
from tests.support.shop import Answer, OpenShop, at, eventually

LINE = {"sku": "sketcher", "quantity": 1, "term": "P1Y", "licence_kind": "individual"}


@pytest.mark.rule("T6")
def test_an_order_placed_again_is_screened_again(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("sketcher").buy(card="card_insufficient_funds")
    assert (order.status, order["payment"]["code"]) == ("cart", "insufficient_funds")
    assert order.certify(missile=True).ok
    assert order.place().ok
    shop.settle()
    assert (order.status, order.charged) == ("rejected", [])


@pytest.mark.rule("T6")
def test_each_hold_of_an_order_hears_its_two_reviewers(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("sketcher")
    assert order.certify(military_or_police=True).ok
    for card in ("card_insufficient_funds", "card_ok"):
        assert order.place(card=card).ok
        shop.settle()
        assert order.status == "export_hold"
        for reviewer in ("compliance", "compliance_second"):
            assert order.decide("release", role=reviewer).ok
        shop.settle()
    assert order.status == "completed"
    assert shop.templates().count("export_hold") == 2


def test_the_time_to_confirm_at_the_bank_runs_from_being_asked(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("sketcher")
    assert order.certify(military_or_police=True).ok
    assert order.place(card="card_3ds").ok
    shop.to("2026-03-12 10:00")
    for reviewer in ("compliance", "compliance_second"):
        assert order.decide("release", role=reviewer).ok
    shop.settle()
    assert order["waiting_for"] == "buyer_payment_confirmation"
    assert order.due("authentication") == at("2026-03-14 00:00")
    shop.bank.decide(order["payment"]["action_url"], "approve")
    heard(order)
    assert order.status == "completed"


@pytest.mark.rule("D15", "D16")
def test_a_stop_while_the_renewal_is_unpaid_outlives_the_recovery(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-03-02 10:00")
    subscription = shop.order("mechanical-designer").buy(card=f"card_expires_later.{shop.id}").subscription
    shop.on("P1Y")
    assert subscription.standing == "past_due"
    assert subscription.stop().ok
    assert subscription.pay_with("card_ok").ok
    shop.settle()
    assert subscription.standing == "stop_requested"
    notices = shop.templates().count("renewal_notice")
    shop.on("P1Y")
    assert subscription.status == "purged"
    assert shop.templates().count("renewal_notice") == notices
    assert subscription.events.count("renewal_committed") == 1


def test_a_seat_for_the_buyer_leaves_the_buyer_as_they_are(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-03-02 10:00")
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    body = {"email": shop.email, "name": "ana"}
    assert Answer.of(shop.store.post(f"{subscription.url}/seats", body)).ok
    buyer = subscription["buyer"]
    assert (buyer["name"], buyer["company"], buyer["language"]) == ("Ana Lefèvre", "Lefèvre SARL", "fr")


def test_a_payment_that_is_given_up_is_looked_for_before_the_order_ends(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    assert shop.operate(order.id, "park", "payment").ok
    assert order.place().ok
    eventually(lambda: shop.parked() or None, "the payment parks")
    assert shop.operate(order.id, "compensate", "payment").ok
    shop.settle()
    assert (order.status, order.charged) == ("cancelled", [])
    assert order.events[-2:] == ["order_compensated", "step_settled"]
    assert shop.operate(order.id, "compensate", "payment").refused[0] == 409


@pytest.mark.rule("X19", "T5")
def test_another_language_asks_for_no_certificate_again_and_another_company_does(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("sketcher")
    assert order.certify().ok
    buyer = {"email": shop.email, "name": "Ana Lefèvre", "company": "Lefèvre SARL", "language": "en"}
    assert shop.store.patch(order.url, {"buyer": buyer}).is_success
    assert (order["language"], "certificate_dropped" in order.events) == ("en", False)
    assert shop.store.patch(order.url, {"buyer": buyer | {"company": "Another SARL"}}).is_success
    assert "certificate_dropped" in order.events


@pytest.mark.rule("X19", "T5")
@pytest.mark.parametrize("changed", ["buyer", "country", "class of product"])
def test_an_answered_certificate_is_asked_for_again_once_it_is_about_something_else(
    open_shop: OpenShop, changed: str
) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order, other = shop.order("sketcher"), f"bob@{shop.id}.example.com"
    edits: dict[str, dict[str, Any]] = {
        "buyer": {"buyer": {"email": other, "name": "Ana Lefèvre", "company": "Lefèvre SARL"}},
        "country": {"country": "CH"},
        "class of product": {"lines": [LINE | {"sku": "survey-office"}]},
    }
    assert order.certify().ok
    assert shop.store.patch(order.url, {"lines": [LINE | {"quantity": 2}]}).is_success
    assert "certificate_dropped" not in order.events
    assert shop.store.patch(order.url, edits[changed]).is_success
    assert order.place().ok
    shop.settle()
    assert (order["waiting_for"], order.charged) == ("buyer_certificate", [])
