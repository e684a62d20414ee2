"""The end-use certificate behind the link of its e-mail: filled in, kept for later, sent, and too late (T5, T6, T17, X19, X22)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.http.request_context import BODY_BYTES_AT_MOST
from api.web.forms import FIELDS_AT_MOST
from api.web.orders.questionnaire import LONGEST, SECTIONS
from tests.api.web.orders.certificates import KEYS, SKU, TYPED, asked, plain, send
from tests.support.forms import Filled
from tests.support.portal import Guest
from tests.support.shop import TICK, OpenShop, Shop, at


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that asks for a certificate."""
    return open_shop("geomatics", "2026-01-15 10:30")


@pytest.mark.rule("T5", "X22", "T17")
def test_the_e_mail_leads_to_a_form_that_lets_the_order_go_on(shop: Shop) -> None:
    order, path = asked(shop)
    assert "où vous avez commandé" not in shop.letter("certificate_requested")["text"]
    with Guest(shop) as ana:
        page = ana.see(path)
        assert Filled.of(page.response.text).names == KEYS | {"nonce"}
        assert "https://geomatics.example.com/trade-compliance" in page.text
        sent = send(ana, page, **TYPED)
        assert (sent.status, sent.forms) == (200, {})
        assert send(ana, page, **TYPED).status == 200
        assert order.events.count("certificate_answered") == 1
        shop.settle()
        assert order.status == "completed"
        answered = ana.see(path)
        assert "le 15 janvier 2026 à 10:30" in plain(answered)
        (link,) = [each for each in answered.links if each.startswith("/h/order/")]
        assert "Votre commande est complète" in plain(ana.see(link))


@pytest.mark.rule("T5", "T6")
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(shop: Shop) -> None:
    order, path = asked(shop)
    typed = {
        **TYPED, "role": "reseller", "end_use": "usage professionnel interne pour nos projets", "no_diversion": "", "space": "",
        "access_countries": "allemagne\nAtlantide", "region_of_use": "ua-30", "site_of_use": "<12> & co, Lyon",
    }  # fmt: skip
    with Guest(shop) as ana:
        wrong = send(ana, ana.see(path), **typed)
        form = Filled.of(wrong.response.text)
        told = {"end_use", "end_user", "no_diversion", "space", "access_countries", "region_of_use"}
        assert (wrong.status, form.wrong) == (422, told)
        for key in told:
            assert f'id="{key}_problem"' in wrong.response.text, key
            assert f'aria-describedby="{key}_problem' in wrong.response.text, key
        for said in ("Atlantide", "nommez-le", "sans cet engagement", "Choisissez oui ou non"):
            assert said in plain(wrong), said
        assert {key: text for key, text in form.values.items() if text and key in KEYS} == {
            key: text for key, text in typed.items() if text
        }
        assert "certificate_answered" not in order.events
        good = {
            **TYPED,
            "end_user": "Ville de Lyon",
            "end_user_country": "FR",
            "access_countries": "Allemagne\nRoyaume-Uni\nus",
        }
        assert send(ana, wrong, **good, region_of_use="").status == 200
        assert "certificate_answered" in order.events


@pytest.mark.rule("T5")
def test_an_unfinished_certificate_is_kept_under_the_same_link_and_answers_nothing(shop: Shop) -> None:
    order, path = asked(shop)
    with Guest(shop) as ana:
        first = ana.see(path)
        typed = {
            "legal_name": "Lefèvre & Fils",
            "nuclear": "no",
            "access_countries": "Atlantide",
            "role": "reseller",
        }
        kept = send(ana, first, "save", **typed)
        assert (kept.status, "Enregistré" in kept.text, order["waiting_for"]) == (
            200,
            True,
            "buyer_certificate",
        )
        shop.on("P2D")
        for _ in range(2):
            again = ana.see(path)
            held = Filled.of(again.response.text).values
            assert typed.items() <= held.items()
            assert "Enregistré" not in again.text
        send(ana, again, "save", legal_name="Lefèvre SARL", no_diversion="yes", access_countries="")
        assert send(ana, ana.see(path), **TYPED).status == 200
        assert "certificate_answered" in order.events
        assert "Perrache" not in str(order.timeline())


@pytest.mark.rule("T5")
def test_each_section_saves_the_whole_form_and_goes_on_with_the_next(shop: Shop) -> None:
    order, path = asked(shop)
    typed = {"role": "reseller", "end_user": "Ville de Lyon", "signatory_name": "Ana Lefèvre", "space": "no"}
    with Guest(shop) as ana:
        first = ana.see(path)
        for section in list(SECTIONS)[1:]:
            assert f'value="save-{section}" formnovalidate' in first.response.text
        kept = send(ana, first, "save-place", **typed)
        assert kept.response.history[0].headers["location"].endswith("#part_place")
        place = kept.response.text.partition('id="part_place"')[2].partition("</fieldset>")[0]
        assert "Rien n’est encore envoyé" in place
        assert kept.response.text.count('role="status"') == 1
        assert typed.items() <= Filled.of(kept.response.text).values.items()
        odd = send(ana, kept, "save-nowhere", **typed)
        assert "#" not in odd.response.history[0].headers["location"]
        assert "Enregistré" in odd.text
    assert "certificate_answered" not in order.events


@pytest.mark.rule("T5")
def test_the_number_of_a_card_is_told_beside_its_field_and_not_kept(shop: Shop) -> None:
    order, path = asked(shop)
    typed = {"legal_name": "Lefèvre & Fils", "end_use": "Nous payons par 4242 4242 4242 4242 chaque année"}
    with Guest(shop) as ana:
        refused = send(ana, ana.see(path), "save", **typed)
        assert (refused.status, "Retirez le numéro de carte" in refused.text) == (422, True)
        assert typed.items() <= Filled.of(refused.response.text).values.items()
        assert Filled.of(ana.see(path).response.text).values["legal_name"] == ""
        assert send(ana, ana.see(path), **{**TYPED, **typed}).status == 422
    assert "certificate_answered" not in order.events


@pytest.mark.rule("T5", "X22")
def test_a_second_window_replaces_no_answers_that_the_page_calls_final(shop: Shop) -> None:
    order = shop.order(SKU)
    assert order.place(card="card_declined").ok
    shop.settle()
    path = shop.link("certificate_requested", "certificate")
    with Guest(shop) as ana:
        first, second = ana.see(path), ana.see(path)
        assert send(ana, first, **TYPED).status == 200
        shop.settle()
        assert order.status == "cart"
        late = send(ana, second, **{**TYPED, "space": "yes"})
        assert (late.status, late.forms) == (409, {})
        assert "ne peuvent plus être modifiées" in plain(late)
        assert send(ana, first, **TYPED).status == 200
    assert order.events.count("certificate_answered") == 1


@pytest.mark.rule("T5", "G3")
@pytest.mark.parametrize("late", [-TICK, timedelta(), TICK], ids=["before", "at", "after"])
def test_the_receipt_decides_at_the_end_of_the_window(shop: Shop, late: timedelta) -> None:
    order, path = asked(shop)
    closes = order.due("certificate_window")
    assert closes is not None
    with Guest(shop) as ana:
        page = ana.see(path)
        shop.to(closes + late)
        sent = send(ana, page, **TYPED)
        in_time = late < timedelta()
        assert sent.status == (200 if in_time else 409)
        assert ("certificate_answered" in order.events) == in_time
        if not in_time:
            assert sent.forms == {}
            assert "Le délai du certificat est passé" in plain(sent)
            last = (closes - TICK).astimezone(at("2026-01-15 10:30").tzinfo)
            assert f"à {last:%H:%M}" in plain(sent)
            assert "/h/order/" in str(sent.links)
            assert send(ana, page, "save", **TYPED).status == 409
            assert order.status == "cancelled"


@pytest.mark.rule("T5")
def test_each_field_filled_to_its_end_in_any_script_is_shorter_than_a_request_may_be(shop: Shop) -> None:
    _, path = asked(shop)
    with Guest(shop) as ana:
        page = ana.see(path)
        form = Filled.of(page.response.text)
        assert form.longest == LONGEST
        assert len(form.names) + 1 <= FIELDS_AT_MOST
        full = {key: "測" * count for key, count in LONGEST.items()}
        kept = send(
            ana, page, "save", **TYPED, **{key: text for key, text in full.items() if key not in TYPED}
        )
        assert kept.status == 200
        most = send(ana, kept, "save", **full)
        assert len(most.response.history[0].request.content) <= BODY_BYTES_AT_MOST
        assert full.items() <= Filled.of(ana.see(path).response.text).values.items()


@pytest.mark.rule("X19")
def test_after_the_cart_changed_the_answers_are_asked_for_again(shop: Shop) -> None:
    order, path = asked(shop)
    with Guest(shop) as ana:
        assert send(ana, ana.see(path), **TYPED).status == 200
        order2 = shop.order(SKU)
        assert order2.place(card="card_declined").ok
        shop.settle()
        second = shop.link("certificate_requested", "certificate")
        assert send(ana, ana.see(second), **TYPED).status == 200
        shop.settle()
        assert order2.status == "cart"
        assert ana.see(second).forms == {}
        assert shop.store.patch(order2.url, {"country": "BE"}).is_success
        again = ana.see(second)
        held = Filled.of(again.response.text).values
        assert held["end_use"] == TYPED["end_use"]
        assert not {"no_forbidden_use", "no_diversion", "report_changes", "signatory_authority"} & held.keys()
        assert "a changé depuis vos réponses" in plain(again)
        assert send(ana, again).status == 422
        assert send(ana, again, **TYPED).status == 200
        assert order2.events.count("certificate_answered") == 2
    assert order.id != order2.id


@pytest.mark.rule("X22")
def test_a_certificate_of_an_order_that_was_cancelled_is_not_asked_for(shop: Shop) -> None:
    order, path = asked(shop)
    assert order.cancel().ok
    with Guest(shop) as ana:
        page = ana.see(path)
        assert (page.status, page.forms) == (200, {})
        assert "Cette commande est close" in plain(page)
        assert "/h/order/" in str(page.links)


def test_a_form_that_its_page_did_not_make_is_refused(shop: Shop) -> None:
    order, path = asked(shop)
    with Guest(shop) as ana:
        assert ana.browser.post(path, data={"do": "save"}).status_code == 400
        token = path.rpartition("/")[2]
        assert ana.see(f"/h/order/{token}").status == 404
        assert ana.see("/h/certificate/forged").status == 404
        old = ana.browser.post(
            path, data={"nonce": "a1", "text_version": "euc-v0", "legal_name": "Lefèvre SARL"}
        )
        assert (old.status_code, "Les questions ont changé" in old.text) == (422, True)
    assert order["waiting_for"] == "buyer_certificate"
