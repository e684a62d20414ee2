"""A card that was given at the provider counts though the browser never comes back: the provider tells of it (P9, X3, X22)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from tests.support.cards import chosen, departed, plain
from tests.support.plain import PLAIN
from tests.support.portal import Guest
from tests.support.shop import TICK, OpenShop, Shop, Subscription, eventually
from workflows.engine.state import known


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that charges at the activation."""
    return open_shop("fastening", "2026-01-15 10:30")


def unpaid(shop: Shop) -> Subscription:
    return shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription.start()


@pytest.mark.rule("X3", "X22", "P10")
def test_the_browser_may_be_closed_at_the_provider(shop: Shop) -> None:
    subscription = unpaid(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        back = chosen(ana, departed(ana.send(page, "/card")), "card_ok")
        eventually(lambda: subscription.charged or None, "the payment")
        shop.settle()
        assert (subscription.status, subscription.charged) == ("active", [120000])
        for _ in range(2):
            assert "C'est payé" in plain(ana.see(back))
        shop.settle()
    assert subscription.events.count("payment_method_changed") == 1
    assert len(shop.bank.charges(entity=subscription.id)) == 2


@pytest.mark.rule("X22", "G6")
def test_a_declined_order_goes_on_without_the_browser(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer").buy(card="card_declined")
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        chosen(ana, departed(ana.send(page, "/card")), "card_ok")
    shop.settle()
    assert (order.events.count("order_placed"), len(order.captures)) == (2, 1)


@pytest.mark.rule("P9")
def test_at_the_portal_the_card_is_changed_without_the_browser(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        ana.sign_in(path)
        chosen(ana, departed(ana.send(ana.see(f"{path}/payment-method"), "/card")), "card_ok")
    shop.settle()
    assert subscription.events.count("payment_method_changed") == 1


@pytest.mark.rule("X3")
def test_by_a_link_nothing_changes_once_it_is_paid(shop: Shop) -> None:
    subscription = unpaid(shop)
    with Guest(shop) as ana, Guest(shop) as other:
        link = shop.link("payment_failed", "payment")
        first, second = (departed(each.send(each.see(link), "/card")) for each in (ana, other))
        assert first != second
        chosen(ana, first, "card_ok")
        eventually(lambda: subscription.charged or None, "the payment")
        shop.settle()
        chosen(other, second, "card_declined")
        shop.settle()
    assert (subscription.charged, subscription.events.count("payment_method_changed")) == ([120000], 1)


@pytest.mark.rule("G3", "X3")
@pytest.mark.parametrize(("shift", "paid"), [(-TICK, True), (timedelta(0), False), (TICK, False)])
def test_the_receipt_of_the_event_decides_at_the_end_of_the_window(
    shop: Shop, shift: timedelta, *, paid: bool
) -> None:
    subscription = unpaid(shop)
    closes = known(subscription.due("recovery"))
    with Guest(shop) as ana:
        url = departed(ana.send(ana.see(shop.link("payment_failed", "payment")), "/card"))
        shop.to(closes + shift)
        chosen(ana, url, "card_ok")
    shop.settle()
    assert (subscription.status == "active", len(subscription.captures)) == (paid, int(paid))


def test_an_event_that_is_not_signed_opens_nothing(shop: Shop) -> None:
    subscription = unpaid(shop)
    event = {
        "id": "evt_forged",
        "type": "setup.complete",
        "data": {"id": "cs_00", "metadata": {"store": shop.id}},
    }
    url = f"{shop.machine.urls['api']}/v1/provider-webhooks/sandbox"
    assert httpx.post(url, json=event, verify=PLAIN).status_code == 400
    assert "payment_method_changed" not in subscription.events
