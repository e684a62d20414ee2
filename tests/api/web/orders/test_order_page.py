"""Where an order stands, behind the link of its e-mails, in each of its states (X22, T5, T6, T10, T15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.web.orders.certificates import SKU, TYPED, asked, plain, send
from tests.support.portal import Guest
from tests.support.shop import TICK, OpenShop, Order, Shop, at, instant
from workflows.engine.state import known

SHOP = "https://fastening.example.com/shop"


@pytest.mark.rule("X22")
def test_a_basket_leads_back_to_the_shop_until_it_is_let_go(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order({"sku": "anchor-design-premium", "quantity": 3})
    shop.on("P2D")
    path = shop.link("cart_reminder", "order")
    kept_until = known(order.due("cart_abandoned"))
    with Guest(shop) as ana:
        page = ana.see(path)
        assert (page.status, page.forms) == (200, {})
        for said in (
            "Votre panier vous attend",
            "3 licences individuelles",
            "1 200,00 € l'unité",
            "3 600,00 €",
            "Durée : 1 an",
        ):
            assert said in plain(page), said
        assert f'href="{SHOP}"' in page.response.text
        assert f"{order['number']}" in page.text
        assert any(each.startswith(f"/h/terms/{shop.id}/") for each in page.links)
        shop.to(kept_until - TICK)
        assert "Nous gardons votre panier jusqu'au" in plain(ana.see(path))
        shop.to(kept_until)
        gone = ana.see(path)
        assert order.status == "expired"
        assert "Votre panier n'est plus gardé" in plain(gone)
        assert "Commander à nouveau" in plain(gone)


@pytest.mark.rule("P6", "H2")
def test_an_order_under_way_leads_to_the_contract_of_each_line_and_then_to_the_portal(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    path = shop.link("order_processing", "order")
    with Guest(shop) as ana:
        page = ana.see(path)
        assert "Vous pouvez l'activer jusqu'au mercredi 15 avril 2026 à 23:59" in plain(page)
        (contract,) = [each for each in page.links if each.startswith("/h/contract/")]
        assert len(ana.see(contract).forms) == 1
        (terms, *_) = [each for each in page.links if each.startswith("/h/terms/")]
        assert ana.see(terms).status == 200
        order.subscription.start()
        done = ana.see(path)
        assert "Votre commande est complète" in plain(done)
        assert f"/portal/{shop.id}/FR/subscriptions/{order.subscription.id}" in done.links


@pytest.mark.rule("P5", "X22")
def test_an_order_whose_only_line_lapsed_says_so_and_leads_to_a_new_one(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    path = shop.link("order_processing", "order")
    shop.to(known(instant(order.subscription["activation_by"])))
    assert order.status == "expired"
    with Guest(shop) as ana:
        page = ana.see(path)
        for said in (
            "arrivée à son terme",
            "jusqu'au mercredi 15 avril 2026 à 23:59",
            "Rien n'a été débité",
            "Commander à nouveau",
        ):
            assert said in plain(page), said


@pytest.mark.rule("T5", "X22")
def test_an_order_that_waits_for_its_certificate_leads_to_it(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-01-15 10:30")
    order, _ = asked(shop)
    with Guest(shop) as ana:
        home = ana.sign_in()
        (path,) = [each for each in home.links if each.startswith("/h/order/")]
        page = ana.see(path)
        assert "Votre commande attend votre certificat" in plain(page)
        (form,) = [each for each in page.links if each.startswith("/h/certificate/")]
        assert send(ana, ana.see(form), **TYPED).status == 200
        shop.settle()
        assert "Votre commande est complète" in plain(ana.see(path))
    assert order.status == "completed"


def held(shop: Shop) -> Order:
    """An order on export hold."""
    order = shop.order(SKU)
    assert order.certify(military_or_police=True).ok
    assert order.place().ok
    shop.settle()
    assert order.status == "export_hold"
    return order


@pytest.mark.rule("T6", "T10")
def test_a_held_order_never_says_why_and_a_delayed_one_says_whom_to_write_to(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-12-24 10:00")
    order = held(shop)
    path = shop.link("export_hold", "order")
    news_by = known(order.due("order_news"))
    with Guest(shop) as ana:
        shop.to(news_by - TICK)
        page = ana.see(path)
        assert "jusqu'au mardi 29 décembre 2026 à 23:59 pour vous donner des nouvelles" in plain(page)
        for word in ("export", "sanction", "embargo", "certific", "conform", "militaire", "contrôle"):
            assert word not in page.response.text.casefold(), word
        shop.to(news_by)
        late = ana.see(path)
        assert "product-support@geomatics.example.com" in late.text
        assert "pour vous donner des nouvelles" not in plain(late)
        assert order.decide("reject").ok
        shop.settle()
        over = ana.see(path)
        assert "Nous ne pouvons pas accepter votre commande" in plain(over)
        assert "Rien n'a été débité" in plain(over)
        assert ana.see(shop.link("order_rejected", "order")).text == over.text


@pytest.mark.rule("X22")
def test_a_payment_that_waits_for_the_bank_leads_there_until_the_bank_is_asked(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer")
    assert order.place(card="card_3ds").ok
    shop.settle()
    assert order["waiting_for"] == "buyer_payment_confirmation"
    path = shop.link("order_processing", "order")
    confirm_by = known(order.due("authentication"))
    with Guest(shop) as ana:
        shop.to(confirm_by - TICK)
        page = ana.see(path)
        (pays,) = [each for each in page.links if each.startswith("/h/payment/")]
        assert order["payment"]["action_url"] in ana.see(pays).response.text
        assert "Vous pouvez confirmer jusqu'au" in plain(page)
        shop.to(confirm_by)
        over = ana.see(path)
        assert order.status == "cancelled"
        assert "Nous n'avons pas pu encaisser le paiement à temps" in plain(over)
        assert "Vous ne devez rien" in plain(over)


@pytest.mark.rule("G6", "T11", "X22")
@pytest.mark.parametrize(("shift", "stands"), [(-TICK, True), (TICK - TICK, False)])
def test_a_declined_payment_is_settled_only_while_the_order_stands_as_it_was_confirmed(
    open_shop: OpenShop, shift: timedelta, *, stands: bool
) -> None:
    shop = open_shop("offered", "2026-02-27 10:30")
    order = shop.order("compass")
    assert order.place(card="card_declined").ok
    shop.settle()
    path = shop.link("order_processing", "order")
    shop.to(at("2026-03-01 00:00") + shift)
    with Guest(shop) as ana:
        page = ana.see(path)
    assert ("Régler le paiement" in plain(page)) == stands
    assert ("n'est pas encore passée" in plain(page)) != stands
    assert "https://offered.example.com/shop" in page.response.text or stands


@pytest.mark.rule("X22")
def test_a_declined_payment_leads_back_to_the_basket_and_a_cancellation_is_told(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer")
    assert order.place(card="card_declined").ok
    shop.settle()
    path = shop.link("order_processing", "order")
    with Guest(shop) as ana:
        page = ana.see(path)
        for said in (
            "Votre paiement a été refusé",
            "Nous gardons votre panier jusqu'au",
            "Régler le paiement",
        ):
            assert said in plain(page), said
        assert order.cancel().ok
        shop.settle()
        over = ana.see(path)
        assert "Elle a été annulée sur demande" in plain(over)


def test_a_link_of_somebody_else_shows_the_state_and_leads_to_nothing_that_acts(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-01-15 10:30")
    order = shop.order(SKU)
    shop.on("P2D")
    former = shop.link("cart_reminder", "order")
    eve = f"eve@{shop.id}.example.com"
    changed = {"buyer": {"email": eve, "name": "Eve Martin", "language": "en"}}
    assert shop.store.patch(order.url, changed).is_success
    assert order.place().ok
    shop.settle()
    with Guest(shop) as ana:
        page = ana.see(former)
        assert (page.status, "/h/certificate/" in str(page.links)) == (200, False)
        mine = ana.see(shop.link("certificate_requested", "certificate", to=eve))
        assert "End-use certificate" in mine.text
