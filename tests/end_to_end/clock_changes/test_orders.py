"""The deadlines of an order and of its activation, where a clock changes meanwhile: in Paris, and on other dates in New York."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.end_to_end.clock_changes.buyers import address, ordered, sign_all
from tests.support.shop import TICK, OpenShop, at, instant

SKUS = {"fastening": "anchor-design-premium", "overseas": "atlas"}


@pytest.mark.rule("T10", "G5")
@pytest.mark.parametrize(
    ("seller", "placed", "closes"),
    [
        ("fastening", "2026-03-27T23:59:59.999999+01:00", "2026-04-01T00:00:00+02:00"),
        ("fastening", "2026-11-21T00:00:00+01:00", "2026-11-25T00:00:00+01:00"),
        ("overseas", "2026-10-31T10:00:00-04:00", "2026-11-04T00:00:00-05:00"),
    ],
    ids=["spring in Paris", "a Saturday", "autumn in New York"],
)
def test_news_within_two_business_days_comes_to_their_last_microsecond(
    open_shop: OpenShop, seller: str, placed: str, closes: str
) -> None:
    shop, names = open_shop(seller, placed), ("ann", "ben")
    carts = [
        shop.order(SKUS[seller], buyer={"email": address(shop, name), "name": name, "language": "en"})
        for name in names
    ]
    for cart in carts:
        shop.bank.fault("refuse_400", match={"entity": cart.id}, code="merchant_suspended")
        assert cart.place().ok
    shop.settle()
    told, silent = carts
    assert [each.due("order_news") for each in carts] == [at(closes)] * 2
    shop.to(at(closes) - TICK)
    assert shop.operate(told.id, "retry", "payment").ok
    shop.settle()
    assert [each["delayed_at"] for each in carts] == [None] * 2
    for off in (timedelta(), TICK):
        shop.to(at(closes) + off)
        assert (told["delayed_at"], instant(silent["delayed_at"])) == (None, at(closes))
        delayed = [len(shop.mails("order_delayed", address(shop, name))) for name in names]
        assert delayed == [0, 1]
    tasks = shop.store.get("/v1/support/tasks", role="support", limit=100).json()["data"]
    assert [each["order"]["id"] for each in tasks if each["order"]["id"] in (told.id, silent.id)] == [
        silent.id
    ]


@pytest.mark.rule("P5", "X2", "P8")
@pytest.mark.parametrize(
    ("seller", "placed", "closes"),
    [
        ("fastening", "2025-12-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"),
        ("overseas", "2026-08-03T23:59:59.999999-04:00", "2026-11-02T00:00:00-05:00"),
    ],
    ids=["a last day of 23 hours in Paris", "of 25 hours in New York"],
)
def test_the_ninetieth_day_activates_to_its_last_microsecond(
    open_shop: OpenShop, seller: str, placed: str, closes: str
) -> None:
    shop, names = open_shop(seller, placed), ("ann", "ben", "cem")
    orders = ordered(shop, {"sku": SKUS[seller]}, *names)
    in_time, at_closing, after = (order.subscription for order in orders)
    for subscription in (in_time, at_closing, after):
        assert instant(subscription["activation_by"]) == at(closes)
        assert subscription.activate().ok
    shop.to(at(closes) - TICK)
    page = shop.page(shop.link("contract_ready", "contract", address(shop, "cem")))
    assert page.has_form
    assert in_time.sign().ok
    shop.to(closes)
    assert at_closing.sign().refused == (409, "activation_window_closed", "P5")
    shop.to(at(closes) + TICK)
    assert page.send(signer_name="Cem", consent="yes").status == 409
    assert not shop.page(page.path).has_form
    assert [each.status for each in (in_time, at_closing, after)] == ["active", "void", "void"]
    assert [len(each.charged) for each in (in_time, at_closing, after)] == [1, 0, 0]
    voided = [len(shop.mails("activation_voided", address(shop, name))) for name in names]
    assert voided == [0, 1, 1]


@pytest.mark.rule("P10", "X3")
@pytest.mark.parametrize(
    ("seller", "placed", "signed", "closes"),
    [
        ("fastening", "2025-12-28T10:00:00+01:00", "2026-03-27T10:00:00+01:00", "2026-04-04T00:00:00+02:00"),
        ("fastening", "2026-07-27T10:00:00+02:00", "2026-10-10T10:00:00+02:00", "2026-10-26T00:00:00+01:00"),
    ],
    ids=["the 7th day, in spring", "the 90th, in autumn"],
)
def test_another_card_saves_a_failed_activation_to_the_last_microsecond(
    open_shop: OpenShop, seller: str, placed: str, signed: str, closes: str
) -> None:
    shop, names = open_shop(seller, placed), ("ann", "ben", "cem")
    orders = ordered(shop, {"sku": SKUS[seller]}, *names, card="card_insufficient_funds")
    in_time, at_closing, after = subscriptions = [order.subscription for order in orders]
    shop.to(signed)
    sign_all(shop, subscriptions)
    assert [each.due("recovery") for each in subscriptions] == [at(closes)] * 3
    shop.to(at(closes) - TICK)
    assert in_time.pay_with("card_ok").ok
    shop.settle()
    shop.to(closes)
    assert at_closing.pay_with("card_ok").refused[0] == 409
    shop.to(at(closes) + TICK)
    assert after.pay_with("card_ok").refused[0] == 409
    assert [each.status for each in subscriptions] == ["active", "void", "void"]
    assert [len(each.charged) for each in subscriptions] == [1, 0, 0]
    page = shop.page(shop.link("payment_failed", "payment", address(shop, "cem")))
    assert (page.status, page.has_form) == (200, False)
