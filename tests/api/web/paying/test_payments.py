"""The link of "your payment did not go through": the buyer pays behind it, on every occasion and in every later state (X3, X22)."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.support.cards import chosen, departed, give, plain
from tests.support.portal import Guest, Screen
from tests.support.shop import TICK, OpenShop, Shop, Subscription, at, instant
from workflows.engine.state import known


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that charges at the activation."""
    return open_shop("fastening", "2026-01-15 10:30")


def unpaid(shop: Shop, card: str = "card_insufficient_funds") -> Subscription:
    """A line that was signed in time and could not be charged."""
    return shop.order("anchor-design-premium").buy(card=card).subscription.start()


def settled(guest: Guest, screen: Screen) -> Screen:
    """The page once nothing of the store is under way."""
    guest.shop.settle()
    return guest.see(screen.response.url.path)


@pytest.mark.rule("X22", "X3", "P10")
def test_at_the_activation_another_card_pays_behind_the_link_of_the_e_mail(shop: Shop) -> None:
    subscription = unpaid(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        for said in ("1 200,00 €", "pas assez d'argent", "jusqu'au", subscription["number"], "a été refusé"):
            assert said in plain(page), said
        back = give(ana, page, "card_ok")
        assert back.status == 200
        assert "given=yes" in str(back.response.url)
        paid = settled(ana, back)
        assert "C'est payé" in plain(paid)
        assert paid.forms == {}
        assert any(f"/portal/{shop.id}/" in link for link in paid.links)
    assert (subscription.status, subscription.charged) == ("active", [120000])


@pytest.mark.rule("X3", "G8")
def test_a_renewal_that_failed_is_settled_or_declined_again_with_the_new_reason(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    subscription = (
        shop.order("mechanical-designer").buy(card=f"card_expires_later.{shop.id}").subscription.start()
    )
    shop.to(known(instant(subscription["term_end"])) + timedelta(hours=1))
    assert subscription["past_due_since"] is not None
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        assert "La carte a expiré" in plain(page)
        assert "continuer à travailler" in plain(page)
        again = settled(ana, give(ana, page, "card_limit_exceeded"))
        assert "Le plafond de la carte est atteint" in plain(again)
        paid = settled(ana, give(ana, again, "card_ok"))
        assert "C'est payé" in plain(paid)
    assert (subscription["past_due_since"], len(subscription.captures)) == (None, 1)


@pytest.mark.rule("X22", "P13", "X11")
def test_whoever_took_over_without_an_order_is_led_on_to_the_portal_of_its_country(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer", country="DE")
    order.buy(card=f"card_expires_later.{shop.id}")
    assert order.status == "completed", order.read()
    subscription = order.subscription.start()
    noe = f"noe@{shop.id}.example.com"
    assert subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).ok
    assert subscription.post("transfer-admin/1/accept").ok
    shop.to(known(instant(subscription["term_end"])) + timedelta(hours=1))
    with Guest(shop, email=noe) as heir:
        page = heir.see(shop.link("payment_failed", "payment", noe))
        paid = settled(heir, give(heir, page, "card_ok"))
        assert f"/portal/{shop.id}/DE/subscriptions/{subscription.id}" in paid.links


@pytest.mark.rule("X22", "G6")
def test_a_declined_order_is_placed_again_as_it_was_with_another_card(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer").buy(card="card_declined")
    assert (order.status, order["payment"]["state"]) == ("cart", "declined")
    terms = order["terms_sha256"]
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        assert "n'a pas donné de raison" in plain(page)
        assert "sera passée de nouveau" in plain(page)
        paid = settled(ana, give(ana, page, "card_ok"))
        assert "C'est payé" in plain(paid)
        assert f"/portal/{shop.id}/FR" in paid.links
    assert (order["terms_sha256"], order["purchase_order_number"]) == (terms, "PO-1")
    assert len(order.captures) == 1
    assert order.events.count("order_placed") == 2


@pytest.mark.rule("G6", "X22")
def test_a_changed_cart_is_led_to_the_shop_instead(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer").buy(card="card_declined")
    with Guest(shop) as ana:
        link = shop.link("payment_failed", "payment")
        url = departed(ana.send(ana.see(link), "/card"))
        line = {"sku": "mechanical-designer", "quantity": 2, "term": "P1Y", "licence_kind": "individual"}
        assert shop.store.patch(order.url, {"lines": [line]}).status_code == 200
        late = ana.see(chosen(ana, url, "card_ok"))
        assert (late.status, late.forms) == (200, {})
        assert "diffère de ce que vous avez confirmé" in plain(late)
    assert (order.status, order.captures) == ("cart", [])


@pytest.mark.rule("G6", "T11", "X22")
@pytest.mark.parametrize(("shift", "stands"), [(-TICK, True), (TICK - TICK, False), (TICK, False)])
def test_a_card_is_asked_for_as_long_as_the_order_would_be_placed_as_it_was_confirmed(
    open_shop: OpenShop, shift: timedelta, *, stands: bool
) -> None:
    shop = open_shop("offered", "2026-02-27 10:30")
    order = shop.order("compass").buy(card="card_declined")
    shop.to(at("2026-03-01 00:00") + shift)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        assert bool(page.forms) == stands
        if stands:
            assert "C'est payé" in plain(settled(ana, give(ana, page, "card_ok")))
        else:
            assert "diffère de ce que vous avez confirmé" in plain(page)
            assert "https://offered.example.com/shop" in page.response.text
    assert (order.status == "completed") == stands


@pytest.mark.rule("G6", "H19", "X22")
def test_what_somebody_else_has_confirmed_is_not_placed_again(open_shop: OpenShop) -> None:
    shop = open_shop("offered", "2026-01-15 10:30")
    order = shop.order("compass").buy(card="card_declined")
    other = {"email": f"max@{shop.id}.example.com", "name": "Max Roy", "language": "fr"}
    with Guest(shop) as ana:
        link = shop.link("payment_failed", "payment")
        url = departed(ana.send(ana.see(link), "/card"))
        assert shop.store.patch(order.url, {"buyer": other}).status_code == 200
        assert ana.see(link).forms == {}
        late = ana.see(chosen(ana, url, "card_ok"))
        assert "diffère de ce que vous avez confirmé" in plain(late)
    assert (order.status, order.captures) == ("cart", [])


@pytest.mark.rule("G3", "X3")
@pytest.mark.parametrize(("shift", "paid"), [(-TICK, True), (TICK - TICK, False), (TICK, False)])
def test_at_the_end_of_the_window_the_receipt_of_the_way_back_decides(
    shop: Shop, shift: timedelta, paid: bool
) -> None:
    subscription = unpaid(shop)
    closes = known(subscription.due("recovery"))
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        url = departed(ana.send(page, "/card"))
        shop.to(closes + shift)
        back = settled(ana, ana.see(chosen(ana, url, "card_ok")))
        assert ("C'est payé" in plain(back)) is paid
        assert ("Il est trop tard pour payer" in plain(back)) is not paid
        assert back.forms == {}
    assert (subscription.status == "active", len(subscription.captures)) == (paid, int(paid))


@pytest.mark.rule("X22", "T15")
def test_a_card_is_tried_once_however_often_its_page_is_loaded(shop: Shop) -> None:
    subscription = unpaid(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        url = departed(ana.send(page, "/card"))
        back = chosen(ana, url, "card_declined")
        for _ in range(3):
            assert ana.see(back).status == 200
            shop.settle()
        assert len(shop.bank.charges(entity=subscription.id)) == 2
        assert subscription.events.count("payment_method_changed") == 1
        twice = ana.send(page, "/card")
        assert departed(twice) == url


@pytest.mark.rule("X22")
def test_the_session_of_another_link_opens_nothing(shop: Shop) -> None:
    first, second = unpaid(shop), unpaid(shop)
    with Guest(shop) as ana:
        links = {
            line.id: next(
                link
                for mail in shop.mails("payment_failed")
                for link in shop.mailbox.read(mail["id"])["links"]
                if "/h/payment/" in link and line["number"] in shop.mailbox.read(mail["id"])["text"]
            ).removeprefix(shop.machine.urls["api"])
            for line in (first, second)
        }
        url = departed(ana.send(ana.see(links[first.id]), "/card"))
        session = chosen(ana, url, "card_ok").rpartition("/")[2]
        assert ana.see(f"{links[second.id]}/card/{session}").status == 404
        assert ana.see(f"{links[second.id]}/card/cs_forged").status == 404
        assert ana.see(f"{links[second.id]}/card/..%2Fcharges").status == 404
        assert second.captures == []
        assert ana.see(f"{links[first.id]}/card/{session}").status == 200
        assert ana.see("/h/payment/forged").status == 404


def test_whoever_gives_no_card_comes_back_to_the_page_as_it_was(shop: Shop) -> None:
    subscription = unpaid(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        url = departed(ana.send(page, "/card"))
        session = url.rpartition("/")[2]
        back = ana.see(f"{page.response.url.path}/card/{session}")
        assert "Aucune carte n'a été donnée" in plain(back)
        assert len(back.forms) == 1
    assert len(shop.bank.charges(entity=subscription.id)) == 1


def test_while_the_provider_cannot_be_reached_the_page_says_so(shop: Shop) -> None:
    unpaid(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_failed", "payment"))
        shop.bank.fault("timeout_before", operation="setup", match={"store": shop.id}, seconds=6)
        away = ana.send(page, "/card")
        assert (away.status, len(away.forms)) == (503, 1)
        assert "ne répond pas" in plain(away)
        assert departed(ana.send(away, "/card"))


@pytest.mark.rule("X22", "X3")
def test_the_bank_is_one_click_away_and_leads_back(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    order = shop.order("mechanical-designer").buy(card="card_3ds")
    with Guest(shop) as ana:
        page = ana.see(shop.link("payment_action_required", "payment"))
        assert page.forms == {}
        (bank,) = [link for link in _outside(page) if link.startswith(str(order["payment"]["action_url"]))]
        shop.bank.decide(bank, "approve")
        shown = shop.bank.http.get(bank)
        back = shown.headers["refresh"].partition("url=")[2].removeprefix(shop.machine.urls["api"])
        assert ana.see(back).status == 200
        paid = settled(ana, page)
        assert "C'est payé" in plain(paid)
    assert len(order.captures) == 1


@pytest.mark.rule("X3")
def test_who_returns_from_the_bank_undecided_waits_and_is_offered_it_again(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    shop.order("mechanical-designer").buy(card="card_3ds")
    link = shop.link("payment_action_required", "payment")
    with Guest(shop) as ana:
        waiting = ana.see(f"{link}?bank=0")
        assert waiting.response.headers["refresh"] == f"3; url={link}?bank=1"
        assert "refresh" not in ana.see(f"{link}?bank=10").response.headers
        assert _outside(ana.see(f"{link}?bank=10"))


@pytest.mark.rule("X3", "P5")
def test_a_card_is_confirmed_for_later_and_an_activation_takes_another_one_too(shop: Shop) -> None:
    order = shop.order("anchor-design-premium").buy(card="card_3ds_always")
    with Guest(shop) as ana:
        asked = ana.see(shop.link("payment_action_required", "payment"))
        assert "Aucun débit n'a lieu avant l'activation" in plain(asked)
        (bank,) = [link for link in _outside(asked) if "/challenge/" in link]
        shop.bank.decide(bank, "approve")
        kept = settled(ana, asked)
        assert "Votre carte est enregistrée" in plain(kept)
        subscription = order.subscription.start()
        page = ana.see(shop.link("payment_action_required", "payment"))
        assert "Vous avez activé" in plain(page)
        paid = settled(ana, give(ana, page, "card_ok"))
        assert "C'est payé" in plain(paid)
    assert subscription.charged == [120000]


def _outside(screen: Screen) -> set[str]:
    return {unescape(each) for each in re.findall(r'<a [^>]*href="(http[^"]*)"', screen.response.text)}
