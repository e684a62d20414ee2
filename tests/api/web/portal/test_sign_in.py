"""Signing in to the portal: by a code to one's own address, which tells nobody who is a customer (P3)."""

from __future__ import annotations

import pytest

from tests.support.portal import Guest
from tests.support.shop import OpenShop, Shop
from tests.support.world import eventually

PRODUCT = "Dessin 2D"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store with a customer who has bought."""
    shop = open_shop("drafting", "2026-03-02 10:00")
    assert shop.order("drafting-light").buy().status == "completed"
    return shop


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


@pytest.mark.rule("P3")
def test_a_code_to_the_address_of_the_order_signs_in_once(shop: Shop) -> None:
    with Guest(shop) as ana, Guest(shop) as stranger:
        page, code = ana.ask()
        assert shop.email in page.text
        home = ana.send(page, "/session", code=f" {code[:4]} {code[4:]} ")
        assert (home.status, home.response.url.path) == (200, ana.base)
        assert PRODUCT in home.text
        for cookie in home.response.history[-1].headers.get_list("set-cookie"):
            assert {"HttpOnly", "SameSite=lax", f"Path=/portal/{shop.id}"} <= set(cookie.split("; "))
        again = stranger.send(
            stranger.send(stranger.see(), "/code", email="nobody@example.com"), "/session", code=code
        )
        assert (again.status, PRODUCT in again.text) == (422, False)
        used = stranger.browser.post(f"{ana.base}/session", data={"email": shop.email, "code": code})
        assert used.status_code == 422
        assert ana.send(page, "/session", code=code).status == 422


def test_the_page_tells_nobody_who_is_a_customer(shop: Shop) -> None:
    with Guest(shop) as ana:
        known = ana.send(ana.see(), "/code", email=shop.email)
        unknown = ana.send(ana.see(), "/code", email=f"eve@{shop.id}.example.com")
        assert known.text.replace(shop.email, "") == unknown.text.replace(f"eve@{shop.id}.example.com", "")
        assert (known.status, unknown.status) == (200, 200)
        ana.code_after(0)
    assert shop.mails("sign_in_code", f"eve@{shop.id}.example.com") == []


def test_a_newer_code_takes_the_place_of_a_former_one(shop: Shop) -> None:
    with Guest(shop) as ana:
        page, former = ana.ask()
        _, newer = ana.ask()
        if former != newer:
            assert ana.send(page, "/session", code=former).status == 422
        assert ana.send(page, "/session", code=newer).response.url.path == ana.base


def test_five_wrong_codes_use_a_code_up(shop: Shop) -> None:
    with Guest(shop) as ana:
        page, code = ana.ask()
        wrong = other(code)
        for _ in range(5):
            assert ana.send(page, "/session", code=wrong).status == 422
        late = ana.send(page, "/session", code=code)
        assert (
            late.status,
            "n'ouvre plus rien" in late.text.replace("’", "'") or "opens nothing" in late.text,
        ) == (422, True)
        assert PRODUCT not in ana.see().text


def test_one_browser_gets_six_codes_an_hour(shop: Shop) -> None:
    with Guest(shop) as ana:
        for count in range(6):
            ana.send(ana.see(), "/code", email=ana.email)
            ana.code_after(count)
        assert ana.send(ana.see(), "/code", email=ana.email).status == 200
        assert len(ana.codes()) == 6


@pytest.mark.rule("P3")
def test_a_stranger_uses_up_neither_the_codes_nor_the_tries_of_the_owner(shop: Shop) -> None:
    with Guest(shop) as ana:
        page, code = ana.ask()
        for count in range(1, 9):
            with Guest(shop) as stranger:
                stranger.browser.headers["x-forwarded-for"] = "198.51.100.7"
                theirs = stranger.send(stranger.see(), "/code", email=shop.email)
                if count <= 6:
                    ana.code_after(count)
                for _ in range(6):
                    assert stranger.send(theirs, "/session", code=other(code)).status == 422
                assert stranger.send(theirs, "/session", code=code).status == 422
        assert len(ana.codes()) == 7
        assert PRODUCT in ana.send(page, "/session", code=code).text
    with Guest(shop) as elsewhere:
        assert PRODUCT in elsewhere.sign_in().text


@pytest.mark.rule("P3")
def test_a_browser_that_has_signed_in_gets_codes_when_all_others_got_theirs(shop: Shop) -> None:
    with Guest(shop) as ana, Guest(shop) as late:
        home = ana.sign_in()
        for network in range(5):
            with Guest(shop) as stranger:
                stranger.browser.headers["x-forwarded-for"] = f"198.51.100.{network}"
                for _ in range(6):
                    stranger.send(stranger.see(), "/code", email=shop.email)
        eventually(lambda: len(ana.codes()) == 24, "all codes that strangers get")
        late.send(late.see(), "/code", email=shop.email)
        ana.send(home, "/sign-out")
        assert PRODUCT in ana.sign_in().text
        assert len(ana.codes()) == 25


def test_a_mail_server_that_hangs_holds_up_no_other_request(shop: Shop) -> None:
    shop.mailbox.fail("stall", to=shop.email, count=100)
    with Guest(shop) as ana:
        for count in range(24):
            ana.browser.headers["x-forwarded-for"] = f"203.0.113.{count // 6}"
            ana.browser.cookies.clear()
            assert ana.send(ana.see(), "/code", email=shop.email).status == 200
        assert ana.see().status == 200
    shop.mailbox.mend()


def test_who_signs_out_is_out_on_each_device(shop: Shop) -> None:
    with Guest(shop) as ana, Guest(shop) as thief:
        home = ana.sign_in()
        thief.browser.cookies.update(ana.browser.cookies)
        assert PRODUCT in thief.see().text
        assert PRODUCT not in ana.send(home, "/sign-out").text
        assert PRODUCT not in thief.see().text


def test_a_form_of_another_site_is_not_taken(shop: Shop) -> None:
    with Guest(shop) as ana:
        home = ana.sign_in()
        (path,) = home.forms
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://evil.example.com"},
            {"Origin": "null"},
        ):
            assert ana.browser.post(path, headers=headers).status_code == 400
        assert PRODUCT in ana.see().text


def test_an_address_that_is_none_is_said_so_at_its_field(shop: Shop) -> None:
    with Guest(shop) as ana:
        page = ana.send(ana.see(), "/code", email="ana at example")
        assert page.status == 422
        assert 'aria-describedby="email_problem"' in page.response.text
        assert page.forms[f"{ana.base}/code"]["email"] == "ana at example"


@pytest.mark.parametrize(
    "path", ["/portal/nowhere/FR", "/portal/{store}/XX", "/portal/{store}/FR/subscriptions/sub_1"]
)
def test_what_is_not_there_is_a_page(shop: Shop, path: str) -> None:
    with Guest(shop) as ana:
        ana.sign_in()
        found = ana.see(path.format(store=shop.id))
    assert found.status == 404
    assert "<h1>" in found.response.text


@pytest.mark.rule("P13")
def test_on_the_site_of_another_country_there_is_a_hint_and_the_way(shop: Shop) -> None:
    with Guest(shop, country="DE") as ana:
        elsewhere = ana.sign_in()
        assert "France" in elsewhere.text
        assert PRODUCT not in elsewhere.text
        assert f"/portal/{shop.id}/FR" in elsewhere.links
        assert PRODUCT in ana.see(f"/portal/{shop.id}/FR").text


@pytest.mark.rule("P13")
def test_every_page_of_a_subscription_on_another_site_is_the_hint_and_the_way_to_it(shop: Shop) -> None:
    path = f"/subscriptions/{shop.order('drafting-light').buy().subscription.id}"
    ours, theirs = (f"/portal/{shop.id}/{country}{path}" for country in ("FR", "DE"))
    with Guest(shop, country="DE") as ana:
        ana.sign_in()
        for page in ("", "/stop", "/users", "/contract", "/transfer", "/payment-method", "/receipts/req_0"):
            hint = ana.see(theirs + page)
            assert (hint.status, "France" in hint.text, PRODUCT in hint.text) == (200, True, False), page
            assert ours + page in hint.links
        for form in ("/stop", "/resume", "/purchase-order", "/transfer", "/payment-method/card"):
            refused = ana.browser.post(theirs + form, data={"nonce": "ab", "purchase_order_number": "BC-1"})
            assert (refused.status_code, PRODUCT in refused.text) == (409, False), form
            assert f'href="{ours}"' in refused.text
        assert PRODUCT in ana.see(ours).text


@pytest.mark.rule("P13")
def test_a_sign_in_on_another_site_for_a_subscription_s_page_leads_to_the_hint(shop: Shop) -> None:
    path = f"/subscriptions/{shop.order('drafting-light').buy().subscription.id}/stop"
    with Guest(shop, country="DE") as ana:
        hint = ana.sign_in(path)
        assert (f"/portal/{shop.id}/FR{path}" in hint.links, PRODUCT in hint.text) == (True, False)


@pytest.mark.rule("P13")
def test_only_one_s_own_address_shows_them(shop: Shop) -> None:
    other = f"eva@{shop.id}.example.com"
    bought = shop.order("drafting-light", buyer={"email": other, "name": "Eva", "language": "en"}).buy()
    with Guest(shop) as ana, Guest(shop, email=other) as eva:
        assert bought.subscription.id not in str(ana.sign_in().links)
        assert bought.subscription.id in str(eva.sign_in().links)
        assert ana.see(f"/subscriptions/{bought.subscription.id}").status == 404


def test_the_session_of_one_store_opens_no_other(shop: Shop, open_shop: OpenShop) -> None:
    other = open_shop("drafting", "2026-03-02 10:00")
    with Guest(shop) as ana:
        ana.sign_in()
        (cookie,) = (each for each in ana.browser.cookies.jar if each.name == "jalon_portal")
        ana.browser.cookies.set(cookie.name, cookie.value or "", path=f"/portal/{other.id}")
        assert ana.see(f"/portal/{other.id}/FR").forms.keys() == {f"/portal/{other.id}/FR/code"}
