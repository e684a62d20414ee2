"""The transfer of the administration, from the admin's page at the portal to the page of the person who accepts (H12–H14, P11, X11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.web.portal.test_subscriptions import bought, plain
from tests.support.portal import Guest, Screen
from tests.support.shop import TICK, OpenShop, Shop, Subscription

PREMIUM = "anchor-design-premium"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store whose products have user management."""
    return open_shop("fastening", "2026-01-15 10:30")


def address(shop: Shop, name: str) -> str:
    return f"{name}@{shop.id}.example.com"


def asked(ana: Guest, path: str, email: str, name: str = "Noé Petit") -> Screen:
    """The page after the admin has asked a new person."""
    form = ana.see(f"{path}/transfer")
    check = ana.send(form, "/transfer", by="address", email=email, name=name, language="fr")
    return ana.send(check, "/transfer")


def given_seat(shop: Shop, subscription: Subscription, email: str) -> None:
    """Gives a person a seat, which they accept."""
    assert subscription.assign(email).ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", email)).send()


@pytest.mark.rule("H13", "H14", "P11")
def test_a_user_takes_over_at_once_after_choice_check_and_confirmation(shop: Shop) -> None:
    order = shop.order({"sku": PREMIUM, "quantity": 2}).buy()
    subscription = order.subscription.start()
    path, lise = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}", address(shop, "lise")
    given_seat(shop, subscription, lise)
    given_seat(shop, subscription, shop.email)
    with Guest(shop) as ana, Guest(shop, email=lise) as heir:
        page = ana.sign_in(path)
        assert f"{path}/transfer" in page.links
        form = ana.see(f"{path}/transfer")
        gone = ana.send(form, "/transfer", by="seat", seat="7")
        assert (gone.status, 'aria-describedby="seat_problem"' in gone.response.text) == (422, True)
        check = ana.send(form, "/transfer", by="seat", seat="1")
        for said in ("Jean Dupont", lise, "maintenant, aussitôt", "La licence que vous utilisez vous-même"):
            assert said in plain(check)
        assert "admin_transferred" not in subscription.events
        done = ana.send(check, "/transfer")
        assert done.response.url.path == ana.base
        assert "Vous avez transmis la gestion" in plain(done)
        assert subscription.id not in str(done.links)
        assert ana.see(path).status == 404
        assert ana.send(check, "/transfer").response.url.path == ana.base
        shop.settle()
        assert subscription["admin"]["email"] == lise
        assert subscription["buyer"]["email"] == shop.email
        assert subscription.seats == ["assigned", "free"]
        assert not shop.entitled(PREMIUM)
        assert shop.entitled(PREMIUM, lise)
        assert "Ana Lefèvre" in shop.letter("admin_transferred", lise)["text"]
        assert "Jean Dupont" in shop.letter("admin_passed_on")["text"]
        assert path in str(heir.sign_in().links)
        assert heir.see(path).status == 200
        assert "stop" in str(heir.see(path).links)


@pytest.mark.rule("X11", "P3", "X22")
def test_a_new_person_accepts_by_their_own_link_and_the_admin_keeps_all_until_then(shop: Shop) -> None:
    subscription, path = bought(shop, PREMIUM)
    noe = address(shop, "noe")
    with Guest(shop) as ana, Guest(shop, email=noe) as heir:
        ana.sign_in(path)
        waits = asked(ana, path, noe)
        assert "Noé Petit peut reprendre la gestion et accepter jusqu'au" in plain(waits)
        shop.settle()
        letter = shop.letter("admin_transfer_pending", noe)
        assert "Ana Lefèvre vous propose de reprendre" in letter["text"]
        assert f"{path}/stop" in ana.see(path).links
        assert subscription["transfer"]["to"]["email"] == noe
        link = shop.link("admin_transfer_pending", "transfer", noe)
        page = heir.see(link)
        for said in ("Ana Lefèvre", "Calcul d'ancrages", "1 200,00 €", "jeudi 29 janvier 2026"):
            assert said in plain(page), said
        accepted = heir.send(page, link)
        assert "Vous avez pris la suite" in plain(accepted)
        assert (path in accepted.links, ana.see(path).status) == (True, 404)
        shop.settle()
        again = heir.browser.post(link, data=page.forms[link])
        assert (again.status_code, subscription.events.count("admin_transferred")) == (303, 1)
        mine = heir.sign_in(path)
        assert (mine.status, mine.response.url.path) == (200, path)
        contract = heir.see(f"{path}/contract")
        assert "Ana Lefèvre" in contract.text
        (signed,) = [each for each in mine.links if each.startswith("/h/contract/")]
        with Guest(shop, email=noe) as elsewhere:
            assert elsewhere.send(elsewhere.see(signed), "/portal").response.url.path == path


@pytest.mark.rule("X22", "P3", "X11")
def test_whoever_took_over_without_an_order_enters_the_portal_from_the_contract(shop: Shop) -> None:
    subscription, path = bought(shop, PREMIUM)
    noe = address(shop, "noe")
    assert subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).ok
    assert subscription.post("transfer-admin/1/accept").ok
    shop.settle()
    with Guest(shop, email=noe) as heir, Guest(shop, email=noe) as elsewhere:
        (link,) = {each for each in heir.sign_in(path).links if each.startswith("/h/contract/")}
        contract = elsewhere.see(link)
        assert f"{link}/portal" in contract.forms
        entered = elsewhere.send(contract, "/portal")
        assert (entered.status, entered.response.url.path) == (200, path)
        assert f"{path}/stop" in entered.links


@pytest.mark.rule("X11", "G3")
@pytest.mark.parametrize(
    ("off", "accepted"), [(-TICK, True), (timedelta(0), False), (TICK, False)], ids=["-1", "at", "+1"]
)
def test_it_is_accepted_to_the_last_microsecond_and_then_lapses(
    shop: Shop, off: timedelta, *, accepted: bool
) -> None:
    subscription, path = bought(shop, PREMIUM)
    noe = address(shop, "noe")
    with Guest(shop) as ana, Guest(shop, email=noe) as heir:
        ana.sign_in(path)
        asked(ana, path, noe)
        shop.settle()
        link = shop.link("admin_transfer_pending", "transfer", noe)
        page, due = heir.see(link), subscription.due("admin_transfer")
        assert due is not None
        shop.to(due + off)
        answer = heir.send(page, link)
        shop.settle()
        if accepted:
            assert (answer.status, subscription["admin"]["email"]) == (200, noe)
            return
        assert subscription["admin"]["email"] == shop.email
        assert answer.status == 409
        assert "Cette proposition a expiré" in plain(answer)
        assert answer.forms == {}
        lapsed = shop.letter("admin_transfer_lapsed")
        assert "Noé Petit n'a pas repris à temps" in lapsed["text"].replace("’", "'")
        assert f"{path}/transfer" in ana.see(path).links
        assert subscription["transfer"] is None


@pytest.mark.rule("X11", "H13")
def test_what_is_wrong_stands_at_its_field_and_nothing_filled_in_is_lost(shop: Shop) -> None:
    subscription, path = bought(shop, PREMIUM)
    with Guest(shop) as ana:
        ana.sign_in(path)
        form = ana.see(f"{path}/transfer")
        wrong = ana.send(form, "/transfer", by="address", email="noe", name="Noé Petit")
        assert (wrong.status, 'aria-describedby="email_problem"' in wrong.response.text) == (422, True)
        assert 'value="Noé Petit"' in wrong.response.text
        nameless = ana.send(form, "/transfer", by="address", email=address(shop, "noe"), name="…")
        assert 'aria-describedby="name_problem"' in nameless.response.text
        own = ana.send(form, "/transfer", by="address", email=shop.email, name="Ana")
        assert "votre propre adresse" in plain(own)
        ana.let_the_code_age()
        check = ana.send(form, "/transfer", by="address", email=address(shop, "noe"), name="Noé Petit")
        before = len(ana.codes())
        code_page = ana.send(check, "/transfer")
        assert "admin_transfer_requested" not in subscription.events
        waits = ana.send(code_page, "/transfer", code=ana.code_after(before))
        assert "admin_transfer_requested" in subscription.events
        assert f"{path}/transfer" not in waits.links
        link = shop.link("admin_transfer_pending", "transfer", address(shop, "noe"))
        over = ana.send(waits, "/call-off-transfer")
        assert "La proposition est retirée" in plain(over)
        page = ana.see(link)
        assert ("n'est plus ouverte" in plain(page), page.forms) == (True, {})
        assert ana.browser.post(link, data={"nonce": "ab"}).status_code == 409


@pytest.mark.rule("H12", "X22", "H23")
def test_the_links_of_a_former_admin_do_nothing_and_their_contract_stays_readable(shop: Shop) -> None:
    subscription, _ = bought(shop, PREMIUM)
    shop.to("2026-12-20 10:00")
    notice, contract = shop.link("renewal_notice", "portal"), shop.link("contract_ready", "contract")
    noe = address(shop, "noe")
    with Guest(shop) as ana:
        stop = ana.see(f"{notice}/stop")
        warning = ana.send(stop, "/stop", reason="trop cher")
        assert subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).ok
        done = subscription.post("transfer-admin/1/accept").ok
        assert done["result"]["transferred"] is True
        late = ana.send(warning, "/stop")
        assert (late.status, subscription["stop_requested_at"]) == (409, None)
        for link in (notice, f"{notice}/stop", contract):
            shown = ana.see(link)
            assert (shown.status, shown.forms) == (200, {}), link
            assert "Vous ne gérez plus cet abonnement" in plain(shown)
        assert f"{contract}/document" in ana.see(contract).links
        assert "Ana Lefèvre" in ana.see(f"{contract}/document").text
        assert ana.browser.post(f"{contract}/portal", data={}).status_code == 409
    shop.settle()
    shop.to("2027-01-15 10:00")
    assert "renewed" in shop.templates(noe)
    assert "renewed" not in shop.templates()


@pytest.mark.rule("X11", "P11")
def test_support_finds_it_by_both_and_the_shop_lists_it_by_its_admin(shop: Shop) -> None:
    subscription, _ = bought(shop, PREMIUM)
    noe = address(shop, "noe")
    assert subscription.post("transfer-admin", {"seat": 1}).refused[1] == "user_not_listed"
    assert (
        subscription.post("transfer-admin", {"email": shop.email, "name": "Ana"}).refused[1]
        == "already_admin"
    )
    assert subscription.post("transfer-admin", {"email": noe, "name": "Noé", "seat": 1}).status == 422
    assert subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).ok
    assert (
        subscription.post("transfer-admin", {"email": noe, "name": "Noé Petit"}).refused[1]
        == "transfer_pending"
    )
    assert subscription.post("transfer-admin/2/accept").refused[1] == "transfer_over"
    assert subscription.post("transfer-admin/1/accept").ok
    shop.settle()
    for email in (noe, shop.email):
        found = shop.store.get("/v1/support/search", role="support", q=email).json()["data"]
        assert subscription.id in str(found), email
        listed = shop.store.get("/v1/subscriptions", store=shop.id, buyer_email=email).json()["data"]
        assert [each["id"] for each in listed] == ([subscription.id] if email == noe else [])
    assert subscription.post("transfer-admin", {"email": shop.email, "name": "Ana Lefèvre"}).ok
    assert subscription.post("transfer-admin/2/call-off").ok
    assert subscription["transfer"] is None
