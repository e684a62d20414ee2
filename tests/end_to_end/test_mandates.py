"""Mandates: stored at the payment sandbox only as long as a charge may follow under them."""

from __future__ import annotations

import pytest

from tests.support.shop import TICK, OpenShop, Order, Shop, at, eventually


def stored(shop: Shop) -> list[str]:
    """The orders whose mandates the payment sandbox still stores."""
    found = shop.bank.mandates(store=shop.id)
    return [each["metadata"]["entity"] for each in found if each["status"] in ("stored", "action_required")]


def lives_of(order: Order) -> list[tuple[str, list[int]]]:
    return [(each.status, each.charged) for each in order.subscriptions]


@pytest.mark.rule("P9", "X3")
def test_a_card_that_is_replaced_is_released_once_no_line_needs_it(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium", "anchor-design-standard").buy()
    premium, standard = (each.start() for each in order.subscriptions)
    assert stored(shop) == [order.id]
    assert premium.pay_with("card_ok").ok
    shop.settle()
    assert stored(shop) == [order.id]
    assert "mandate_given_up" in premium.events
    assert standard.pay_with("card_ok").ok
    shop.settle()
    assert stored(shop) == []
    assert "mandate_released" in standard.events
    shop.to("2027-01-15 00:00")
    assert lives_of(order) == [("active", [120000] * 2), ("active", [48000] * 2)]
    assert shop.parked() == []


@pytest.mark.rule("X22", "P6")
def test_who_confirms_a_mandate_at_the_bank_is_told_that_nothing_is_charged_now(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    assert order.place(card="card_3ds").ok
    shop.settle()
    assert order["waiting_for"] == "buyer_payment_confirmation"
    assert "Rien n’est débité maintenant" in shop.letter("payment_action_required")["text"]


@pytest.mark.rule("D17", "P5")
def test_no_mandate_outlasts_the_lives_that_it_was_stored_for(open_shop: OpenShop) -> None:
    """One order each: ended, ended unpaid, void, cancelled, partly void, replaced."""
    shop = open_shop("fastening", "2026-01-15 10:30")
    ended = shop.order("anchor-design-standard").buy().subscription.start()
    unpaid = shop.order("anchor-design-standard").buy(card=f"card_expires_later.{shop.id}").subscription
    void = shop.order("anchor-design-standard").buy()
    cancelled = shop.order("anchor-design-standard").buy()
    partly = shop.order("anchor-design-standard", "profile-design").buy()
    unpaid.start()
    kept, _ = partly.subscriptions
    kept.start()
    assert cancelled.cancel().ok
    shop.settle()
    assert set(stored(shop)) == {ended["order_id"], unpaid["order_id"], void.id, partly.id}
    shop.to("2026-04-16 00:00")
    assert set(stored(shop)) == {ended["order_id"], unpaid["order_id"], partly.id}
    for each in (ended, kept):
        assert each.stop().ok
    shop.to(at("2027-01-15 00:00") - TICK)
    assert set(stored(shop)) == {ended["order_id"], unpaid["order_id"], partly.id}
    shop.to("2027-01-15 00:00")
    assert stored(shop) == [unpaid["order_id"]]
    shop.to("2027-01-23 00:00")
    assert stored(shop) == []
    shop.to("2027-06-01 00:00")
    assert {each.status for each in (ended, unpaid, kept)} == {"purged"}
    assert shop.parked() == []


@pytest.mark.rule("P9", "G8")
@pytest.mark.parametrize("card", ["card_ok", "card_3ds_always"], ids=["being captured", "being confirmed"])
def test_a_mandate_stays_while_a_charge_under_it_is_under_way(open_shop: OpenShop, card: str) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-standard")
    assert order.place(card=card).ok
    shop.settle()
    if card != "card_ok":
        shop.bank.decide(order["payment"]["action_url"], "approve")
        eventually(lambda: order.status == "processing", "the confirmed mandate")
        shop.settle()
    subscription = order.subscription
    shop.bank.fault("late_commit", match={"entity": subscription.id}, operation="charge", seconds=3)
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: shop.bank.charges(entity=subscription.id), "the charge under way")
    assert subscription.pay_with("card_ok").ok
    assert stored(shop) == [order.id]
    shop.settle()
    assert (subscription.status, subscription.charged, stored(shop)) == ("active", [48000], [])


@pytest.mark.rule("D17")
def test_a_release_that_is_parked_holds_neither_the_end_nor_the_purge(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription.start()
    assert subscription.stop().ok
    assert shop.operate(subscription.id, "park", "release").ok
    shop.to("2027-01-15 00:00")
    assert [each["step"] for each in shop.parked()] == ["release"]
    shop.to("2027-06-01 00:00")
    assert (subscription.status, len(stored(shop))) == ("purged", 1)
    assert shop.operate(subscription.id, "retry", "release").ok
    shop.settle()
    assert (stored(shop), shop.parked()) == ([], [])


@pytest.mark.rule("P9")
def test_a_parked_release_goes_with_the_subscription_into_its_next_term(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription.start()
    assert shop.operate(subscription.id, "park", "release").ok
    assert subscription.pay_with("card_ok").ok
    shop.to("2027-01-15 00:00")
    assert (subscription["term_number"], subscription.charged) == (1, [48000] * 2)
    assert [each["step"] for each in shop.parked()] == ["release"]
    assert len(stored(shop)) == 1
    assert shop.operate(subscription.id, "retry", "release").ok
    shop.settle()
    assert (stored(shop), shop.parked()) == ([], [])
