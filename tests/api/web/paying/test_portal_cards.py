"""The card of a subscription at the portal: changed at any time while active, and a failed charge settled at once (P9, P10)."""

from __future__ import annotations

import pytest

from tests.support.cards import chosen, departed, give, plain
from tests.support.portal import Guest
from tests.support.shop import OpenShop, Shop, instant
from workflows.engine.state import known


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that charges at the activation."""
    return open_shop("fastening", "2026-01-15 10:30")


@pytest.mark.rule("P9")
def test_the_card_is_changed_while_active_and_used_for_the_next_charge(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        page = ana.sign_in(path)
        assert f"{path}/payment-method" in page.links
        change = ana.see(f"{path}/payment-method")
        assert "Aucun débit n'a lieu maintenant" in plain(change)
        done = give(ana, change, "card_insufficient_funds")
        assert done.response.url.path == path
        assert "nouvelle carte est enregistrée" in plain(done)
        assert "payment_method_changed" in subscription.events
        shop.to(known(instant(subscription["term_end"])))
        owed = ana.see(path)
        assert "Régler le paiement" in plain(owed)
        again = ana.see(f"{path}/payment-method")
        assert "pas assez d'argent" in plain(again)
        back = chosen(ana, departed(ana.send(again, "/card")), "card_ok")
        shop.settle()
        for _ in range(2):
            assert "C'est payé" in plain(ana.see(back))
        assert subscription["past_due_since"] is None
    assert len(subscription.captures) == 2


@pytest.mark.rule("P9")
def test_half_an_hour_after_the_code_a_card_needs_a_new_one(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}/payment-method"
    with Guest(shop) as ana:
        page = ana.sign_in(path)
        ana.let_the_code_age()
        asked = ana.send(page, "/card")
        assert "refresh" not in asked.response.headers
        away = ana.send(asked, "/card", code=ana.code_after(1))
        shop.bank.fault("lose_report", match={"store": shop.id})
        back = chosen(ana, departed(away), "card_ok")
        ana.browser.cookies.clear()
        out = ana.see(back)
        assert (out.status, subscription.events.count("payment_method_changed")) == (401, 0)
        assert ana.sign_in(back).status == 200
        assert subscription.events.count("payment_method_changed") == 1


@pytest.mark.rule("P10")
def test_before_the_signature_and_after_the_end_there_is_no_card_to_change(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        pending = ana.sign_in(path)
        assert f"{path}/payment-method" not in pending.links
        assert ana.see(f"{path}/payment-method").forms == {}
        subscription.start()
        page = ana.see(f"{path}/payment-method")
        assert subscription.stop().ok
        shop.to(known(instant(subscription["term_end"])))
        assert f"{path}/payment-method" not in ana.see(path).links
        assert ana.send(page, "/card").status == 409


@pytest.mark.rule("P10", "X3")
def test_after_a_failed_activation_charge_the_contract_and_the_portal_lead_to_the_payment(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy(card="card_declined").subscription.start()
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        contract = ana.see(shop.link("contract_ready", "contract"))
        (settle,) = [link for link in contract.links if link.startswith("/h/payment/")]
        assert "n'a pas abouti" in plain(ana.see(settle))
        assert f"{path}/payment-method" in ana.sign_in(path).links
        give(ana, ana.see(f"{path}/payment-method"), "card_ok")
        shop.settle()
    assert subscription.status == "active"


@pytest.mark.rule("X22")
def test_a_declined_order_is_paid_from_the_list_too(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer").buy(card="card_declined")
    with Guest(shop) as ana:
        home = ana.sign_in()
        (of_order,) = [each for each in home.links if each.startswith("/h/order/")]
        (link,) = [each for each in ana.see(of_order).links if each.startswith("/h/payment/")]
        assert "Son paiement a été refusé" in plain(home)
        give(ana, ana.see(link), "card_ok")
        shop.settle()
    assert len(order.captures) == 1
