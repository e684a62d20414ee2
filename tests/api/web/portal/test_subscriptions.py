"""What an admin does with a subscription at the portal, each in the state in which the server takes it (P2, P9, H24)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.support.portal import Guest, Screen
from tests.support.shop import PARIS, TICK, OpenShop, Shop, Subscription, at, instant
from workflows.engine.state import known


def bought(shop: Shop, sku: str) -> tuple[Subscription, str]:
    """An active subscription, and the path of its page at the portal."""
    subscription = shop.order(sku).buy().subscription
    if subscription.status == "pending_activation":
        subscription.start()
    assert subscription.status == "active"
    return subscription, f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that wants a reason for a stop."""
    return open_shop("fastening", "2026-01-15 10:30")


def plain(screen: Screen) -> str:
    """The text of a page with its spaces and apostrophes made plain."""
    return screen.text.replace("\u202f", " ").replace("\xa0", " ").replace("’", "'")


@pytest.mark.rule("P1", "P2", "P12")
def test_it_shows_its_number_reference_renewal_licences_and_contract(shop: Shop) -> None:
    subscription, path = bought(shop, "anchor-design-premium")
    with Guest(shop) as ana:
        shown = ana.sign_in(path)
        assert (shown.status, shown.response.url.path) == (200, path)
        for fact in (subscription.id, subscription["number"], "15 janvier 2027", "1 200,00 €"):
            assert fact in plain(shown), fact
        numbered = ana.send(shown, "/purchase-order", purchase_order_number=" BC-77 ")
        assert "BC-77" in plain(numbered)
        assert subscription["purchase_order_number"] == "BC-77"
        wrong = ana.send(numbered, "/purchase-order", purchase_order_number="4242 4242 4242 4242")
        assert (wrong.status, subscription["purchase_order_number"]) == (422, "BC-77")
        assert 'aria-describedby="purchase_order_number_problem"' in wrong.response.text
        assert wrong.forms[f"{path}/purchase-order"]["purchase_order_number"] == "4242 4242 4242 4242"
        ana.send(numbered, "/purchase-order", purchase_order_number="")
        assert subscription["purchase_order_number"] is None
        contract = ana.see(f"{path}/contract")
        assert "attachment" in contract.response.headers["content-disposition"]
        assert "Ana Lefèvre" in contract.text


@pytest.mark.rule("H24", "H25")
def test_only_the_warning_s_own_button_stops_the_renewal(shop: Shop) -> None:
    subscription, path = bought(shop, "anchor-design-premium")
    with Guest(shop) as ana:
        page = ana.sign_in(f"{path}/stop")
        silent = ana.send(page, "/stop", reason=" ")
        assert (silent.status, 'aria-describedby="reason_problem"' in silent.response.text) == (422, True)
        warning = ana.send(page, "/stop", reason="Le projet est fini")
        assert "jusqu'au jeudi 14 janvier 2027" in plain(warning)
        assert "renewal_stopped" not in subscription.events
        assert path in warning.links
        stopped = ana.send(warning, "/stop")
        assert stopped.status == 200
        assert "renewal_stopped" in subscription.events
        (receipt,) = [each for each in stopped.links if "/receipts/" in each]
        number = receipt.rsplit("/", 1)[1]
        for fact in (number, "Le projet est fini", subscription.id):
            assert fact in plain(ana.see(receipt))
        assert "attachment" in ana.see(f"{receipt}?file=yes").response.headers["content-disposition"]
        assert ana.see(f"{path}/receipts/req_0").status == 404
        assert "jusqu'au jeudi 14 janvier 2027" in plain(stopped)
        assert ana.see(f"{path}/stop").response.url.path == path
        resumed = ana.send(stopped, "/resume")
        assert subscription["stop_requested_at"] is None
        assert resumed.status == 200
    shop.settle()
    assert {"renewal_stopped", "renewal_resumed"} < set(shop.templates())
    assert number in shop.letter("renewal_stopped")["text"]


@pytest.mark.rule("D15")
def test_from_the_cutoff_on_the_switch_is_locked_and_says_until_when(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    subscription, path = bought(shop, "mechanical-designer")
    stop_by = known(instant(subscription["stop_by"]))
    shop.to(stop_by - TICK)
    with Guest(shop) as ana:
        page = ana.sign_in(f"{path}/stop")
        entry = ana.see(f"{path}/deadline.ics").response
        assert "text/calendar" in entry.headers["content-type"]
        last_day = (stop_by - TICK).astimezone(PARIS).strftime("%Y%m%d")
        assert f"DTSTART;VALUE=DATE:{last_day}" in entry.text
        warning = ana.send(page, "/stop", reason="")
        shop.to(stop_by)
        late = ana.send(warning, "/stop")
        assert (late.status, subscription["stop_requested_at"]) == (409, None)
        locked = ana.see(path)
        assert f"{path}/stop" not in locked.links
        assert ana.see(f"{path}/deadline.ics").response.url.path == path
        assert "pouvait être modifié jusqu'au" in plain(locked)
        shop.to(known(instant(subscription["term_end"])) + timedelta(hours=1))
        assert f"{path}/stop" in ana.see(path).links


@pytest.mark.rule("D15", "D16")
def test_past_the_cutoff_a_stopped_renewal_is_told_its_end_and_no_switch_that_opens_again(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    subscription, path = bought(shop, "mechanical-designer")
    stop_by = known(instant(subscription["stop_by"]))
    shop.to(stop_by - TICK)
    with Guest(shop) as ana:
        warning = ana.send(ana.sign_in(f"{path}/stop"), "/stop", reason="")
        assert f"{path}/resume" in ana.send(warning, "/stop").forms
        shop.to(stop_by)
        over = ana.see(path)
    assert f"{path}/resume" not in over.forms
    assert "pouvait être rétabli jusqu'au samedi 9 janvier 2027" in plain(over)
    assert "Pour continuer ensuite, commandez à nouveau" in plain(over)
    assert "à nouveau le 15 janvier" not in plain(over)


@pytest.mark.rule("D15", "G8")
def test_while_a_parked_charge_outlasts_its_term_the_switch_is_that_of_the_term_that_should_run(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("lifecycle", "2026-01-15 10:30")
    subscription, path = bought(shop, "mechanical-designer")
    shop.bank.fault("refuse_400", match={"entity": subscription.id}, code="merchant_suspended")
    shop.to("2027-01-16 09:00")
    assert [each["step"] for each in shop.parked()] == ["charge"]
    shop.to(at("2028-01-15 00:00") - TICK)
    with Guest(shop) as ana:
        assert "15 janvier 2028" in plain(ana.sign_in(path))
        shop.to("2028-01-15 00:00")
        stop_by = at("2029-01-10 00:00")
        assert (instant(subscription["stop_by"]), instant(subscription["usable_until"])) == (
            stop_by,
            at("2029-01-15 00:00"),
        )
        shop.to(stop_by - TICK)
        asked = ana.see(f"{path}/stop")
        stopped = ana.send(ana.send(asked, "/stop", reason=""), "/stop")
        assert "14 janvier 2029" in plain(stopped)
        assert subscription["stop_requested_at"] is not None
        resumed = ana.send(stopped, "/resume")
        warning = ana.send(ana.see(f"{path}/stop"), "/stop", reason="")
        shop.to(stop_by)
        assert (resumed.status, ana.send(warning, "/stop").status) == (200, 409)
        assert subscription.stop().refused[:2] == (409, "renewal_committed")
        assert "15 janvier 2029" in plain(ana.see(path))
        shop.to("2029-01-15 00:00")
        assert f"{path}/stop" in ana.see(path).links


@pytest.mark.rule("H24")
def test_half_an_hour_after_the_code_a_new_one_is_asked_for_in_place(shop: Shop) -> None:
    subscription, path = bought(shop, "anchor-design-premium")
    with Guest(shop) as ana:
        page = ana.sign_in(f"{path}/stop")
        warning = ana.send(page, "/stop", reason="trop cher")
        ana.let_the_code_age()
        asked = ana.send(warning, "/stop")
        assert (asked.status, subscription["stop_requested_at"]) == (200, None)
        wrong = ana.send(asked, "/stop", code="abc")
        assert (wrong.status, subscription["stop_requested_at"]) == (422, None)
        assert ana.send(wrong, "/stop", code=ana.code_after(1)).status == 200
        assert subscription["stop_requested_at"] is not None
        ana.let_the_code_age()
        before = len(ana.codes())
        asked = ana.see(f"{path}/contract")
        assert "Ana Lefèvre" not in asked.text
        file = ana.send(asked, "/session", code=ana.code_after(before))
        assert "attachment" in file.response.headers["content-disposition"]


@pytest.mark.rule("D15", "H24")
def test_what_happened_leads_to_the_receipt_of_each_switch_after_a_fresh_code(shop: Shop) -> None:
    _, path = bought(shop, "anchor-design-premium")
    with Guest(shop) as ana:
        warning = ana.send(ana.sign_in(f"{path}/stop"), "/stop", reason="trop cher")
        ana.send(ana.send(warning, "/stop"), "/resume")
        receipts = [each for each in ana.see(path).links if "/receipts/" in each]
        heads = {re.search("<h1>(.*?)</h1>", ana.see(each).response.text)[1] for each in receipts}  # type: ignore[index]
        assert (len(receipts), len(heads)) == (2, 2)
        ana.let_the_code_age()
        before = len(ana.codes())
        for asked in (ana.see(f"{receipts[0]}?file=yes"), ana.see(receipts[0])):
            assert "content-disposition" not in asked.response.headers
            assert receipts[0].rsplit("/", 1)[1] not in asked.text
        shown = ana.send(asked, "/session", code=ana.code_after(before))
        assert shown.response.url.path == receipts[0]


@pytest.mark.rule("P9", "T14")
def test_a_question_goes_to_the_support_of_the_product(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    subscription, path = bought(shop, "sketcher")
    with Guest(shop) as ana:
        shown = plain(ana.sign_in(path))
    asks = f"Poser une question Écrivez à sketcher-help@geomatics.example.com pour .* la commande {subscription['number']}"
    assert re.search(asks, shown)


@pytest.mark.rule("H3", "P4", "P7")
def test_without_its_e_mail_a_contract_is_activated_from_the_portal(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    with Guest(shop) as ana:
        page = ana.sign_in(path)
        assert page.forms == {}
        (contract,) = [each for each in page.links if each.startswith("/h/contract/")]
        ana.sign(ana.see(contract))
        shop.settle()
        assert subscription.status == "active"
        assert f"{path}/stop" in ana.see(path).links


@pytest.mark.rule("P5")
def test_what_lapsed_has_left_the_portal(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    shop.to(known(instant(subscription["activation_by"])))
    with Guest(shop) as ana:
        assert ana.sign_in(path).status == 404
        assert subscription.id not in str(ana.see().links)


@pytest.mark.rule("X22", "D14")
def test_the_button_of_a_notice_leads_to_the_stop_and_to_nothing_else(shop: Shop) -> None:
    subscription, path = bought(shop, "anchor-design-premium")
    shop.to("2026-12-20 10:00")
    with Guest(shop) as ana:
        page = ana.see(shop.link("renewal_notice", "portal"))
        assert (page.status, page.forms) == (200, {})
        assert path in page.links
        (stop,) = [each for each in page.links if each.endswith("/stop")]
        warning = ana.send(ana.see(stop), "/stop", reason="trop cher")
        assert (
            ana.browser.post(f"{page.response.url.path}/purchase-order", data=warning.forms[stop]).status_code
            == 409
        )
        stopped = ana.send(warning, "/stop")
        assert stopped.response.url.path == page.response.url.path
        shop.settle()
        assert "renewal_stopped" in subscription.events
        resume = ana.see(shop.link("renewal_stopped", "portal"))
        (receipt,) = [each for each in resume.links if "/receipts/" in each]
        assert receipt.rsplit("/", 1)[1] in shop.letter("renewal_stopped")["text"]
        assert "trop cher" in plain(ana.see(receipt))
        assert ana.send(resume, "/resume").status == 200
        assert subscription["stop_requested_at"] is None
        shop.settle()
        assert "/contract" not in str(ana.see(shop.link("renewal_resumed", "portal")).links)
        assert ana.see(f"{page.response.url.path}/contract").status == 404


@pytest.mark.rule("P3")
def test_the_link_of_the_activation_lets_the_admin_in_to_look(shop: Shop) -> None:
    subscription = shop.order("anchor-design-premium").buy().subscription
    link = shop.link("contract_ready", "contract")
    with Guest(shop) as ana:
        ana.sign(ana.see(link))
        shop.settle()
        page = ana.send(ana.see(link), "/portal")
        assert page.response.url.path == f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
        before = len(ana.codes())
        asked = ana.see(f"{page.response.url.path}/stop")
        assert "reason" not in str(asked.forms)
        assert "reason" in str(ana.send(asked, "/session", code=ana.code_after(before)).forms)
