"""The users of a subscription at the portal, and what the people see who use it (H20 to H22, P1, P10, T1 to T3)."""

from __future__ import annotations

import re

import pytest

from tests.api.web.portal.test_subscriptions import bought, plain
from tests.support.portal import Guest, Screen
from tests.support.shop import TICK, OpenShop, Shop, Subscription, instant
from workflows.engine.state import known

SKU = "anchor-design-premium"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store with a product that has user management, and one that has not."""
    return open_shop("fastening", "2026-01-15 10:30")


def with_seats(shop: Shop, count: int) -> tuple[Subscription, str]:
    """An active subscription with so many seats, and the path of its users."""
    subscription = shop.order({"sku": SKU, "quantity": count}).buy().subscription.start()
    return subscription, f"/portal/{shop.id}/FR/subscriptions/{subscription.id}/users"


def jean_of(shop: Shop) -> str:
    return f"jean@{shop.id}.example.com"


def filled(shop: Shop, name: str) -> dict[str, str]:
    """The form of a person."""
    return {"email": f"{name}@{shop.id}.example.com", "name": name.title() + " Roy", "language": "en"}


def rows(screen: Screen) -> list[str]:
    """The rows of the list, as text."""
    (found,) = re.findall(r'<ul class="seats">.*?</ul>', screen.response.text, flags=re.DOTALL)
    lines = re.findall(r"<li.*?</li>", found, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in lines]


@pytest.mark.rule("H20", "H21", "T1")
def test_a_user_is_added_by_address_invited_and_listed(shop: Shop) -> None:
    subscription, path = with_seats(shop, 3)
    jean = jean_of(shop)
    with Guest(shop) as ana:
        page = ana.sign_in(path.removesuffix("/users"))
        assert path in page.links
        users = ana.see(path)
        assert rows(users) == ["Licences 1 à 3 Libre"]
        added = ana.send(users, "/add", **filled(shop, "jean"))
        assert added.status == 200
        assert "Nous envoyons une invitation à Jean Roy" in plain(added)
        shop.settle()
        assert "Invitation : l'accès peut être créé jusqu'au dimanche 18 janvier 2026 à 10:29" in plain(
            ana.see(path)
        )
        assert shop.templates(jean) == ["invitation"]
        assert shop.letter("invitation", jean)["subject"].startswith("Set up your access")
        assert shop.page(shop.link("invitation", "invitation", jean)).send().status == 200
        assert rows(ana.see(path)) == [
            f"Licence 1 Jean Roy {jean} Peut utiliser le logiciel depuis le 15 janvier 2026 Modifier",
            "Licences 2 à 3 Libre",
        ]
        other, there = with_seats(shop, 1)
        at_once = ana.send(ana.see(there), "/add", **filled(shop, "jean"))
        assert "Jean Roy peut utiliser Calcul d'ancrages" in plain(at_once)
        assert (other.seats, "/add" in str(at_once.forms)) == (["assigned"], False)
        assert shop.entitled(SKU, jean)
    shop.settle()
    assert shop.templates(jean)[-1] == "user_added"
    assert subscription.seats == ["assigned", "free", "free"]


@pytest.mark.rule("H22")
def test_only_the_warnings_own_button_takes_a_seat_back(shop: Shop) -> None:
    subscription, path = with_seats(shop, 2)
    jean = jean_of(shop)
    with Guest(shop) as ana:
        ana.send(ana.sign_in(path), "/add", **filled(shop, "jean"))
        shop.settle()
        assert shop.page(shop.link("invitation", "invitation", jean)).send().status == 200
        stale = ana.see(f"{path}/1")
        warning = ana.send(stale, "/revoke")
        assert "Jean Roy ne pourra plus utiliser" in plain(warning)
        assert (subscription.seats, shop.entitled(SKU, jean)) == (["assigned", "free"], True)
        assert f"{path}/1" in warning.links
        gone = ana.send(warning, "/revoke")
        assert (subscription.seats, shop.entitled(SKU, jean)) == (["free", "free"], False)
        assert "La licence 1 est de nouveau libre" in plain(gone)
        assert rows(gone) == ["Licences 1 à 2 Libre"]
        assert ana.see(f"{path}/1").response.url.path == path
        assert ana.see(f"{path}/3").status == 404
        ana.send(gone, "/add", **filled(shop, "lise"))
        late = ana.send(stale, "/revoke")
        assert (late.status, "La situation a changé" in plain(late)) == (409, True)
        assert subscription.seats == ["invited", "free"]


@pytest.mark.rule("T2", "T3")
def test_an_invitation_is_sent_again_while_it_is_open(shop: Shop) -> None:
    subscription, path = with_seats(shop, 1)
    jean = jean_of(shop)
    assert subscription.assign(jean).ok
    shop.settle()
    first, until = (
        shop.link("invitation", "invitation", jean),
        known(instant(subscription["seats"][0]["open_until"])),
    )
    shop.to(until - TICK)
    with Guest(shop) as ana:
        sent = ana.send(ana.sign_in(f"{path}/1"), "/reinvite")
        assert "L'ancien lien ne fonctionne plus" in plain(sent)
        shop.settle()
        assert not shop.page(first).has_form
        assert shop.page(shop.link("invitation", "invitation", jean)).has_form
        page = ana.see(f"{path}/1")
        shop.to(known(instant(subscription["seats"][0]["open_until"])))
        late = ana.send(page, "/reinvite")
        assert (late.status, subscription.seats) == (409, ["free"])
        assert "Libre" in rows(late)[0]
    assert shop.templates(jean) == ["invitation", "invitation"]


@pytest.mark.rule("T3", "X22")
def test_after_many_invitations_the_page_says_from_when_on_another_one_goes(shop: Shop) -> None:
    subscription, path = with_seats(shop, 1)
    assert subscription.assign(jean_of(shop)).ok
    with Guest(shop) as ana:
        stale = ana.sign_in(f"{path}/1")
        for _ in range(4):
            assert subscription.reinvite(1).ok
        late = ana.send(stale, "/reinvite")
        assert (late.status, "Trop d'invitations ont été envoyées" in plain(late)) == (409, True)
        page = ana.see(f"{path}/1")
        assert "à partir du 15 janvier 2026 à 11:30" in plain(page)
        assert f"{path}/1/reinvite" not in page.forms
        shop.to("2026-01-15 11:30")
        assert f"{path}/1/reinvite" in ana.see(f"{path}/1").forms


@pytest.mark.rule("D3", "H22")
def test_a_seat_goes_to_somebody_else_in_one_step(shop: Shop) -> None:
    subscription, path = with_seats(shop, 1)
    jean, lise = jean_of(shop), f"lise@{shop.id}.example.com"
    assert subscription.assign(jean).ok
    with Guest(shop) as ana:
        users = ana.sign_in(path)
        assert "/add" not in str(users.forms)
        assert "Toutes les licences sont attribuées." in plain(users)
        assert 'href="https://fastening.example.com/shop"' in users.response.text
        page = ana.see(f"{path}/1")
        wrong = ana.send(page, "/reassign", email="lise", name="Lise", language="fr")
        assert (wrong.status, wrong.forms[f"{path}/1/reassign"]["name"]) == (422, "Lise")
        same = ana.send(wrong, "/reassign", email=jean, name="Jean", language="fr")
        assert (same.status, "est déjà attribuée ou réservée à cette personne" in plain(same)) == (409, True)
        given = ana.send(same, "/reassign", **filled(shop, "lise"))
        assert "Nous envoyons une invitation à Lise Roy" in plain(given)
    assert subscription["seats"][0]["user"]["email"] == lise


@pytest.mark.rule("T15", "H21")
def test_what_was_filled_in_stays_with_its_errors_and_with_the_code(shop: Shop) -> None:
    subscription, path = with_seats(shop, 3)
    assert subscription.assign(jean_of(shop)).ok
    with Guest(shop) as ana:
        page = ana.sign_in(path)
        wrong = ana.send(page, "/add", email="lise@", name="…", language="de")
        assert (wrong.status, wrong.forms[f"{path}/add"]["email"]) == (422, "lise@")
        for field in ("email", "name", "language"):
            assert f'aria-describedby="{field}_problem"' in wrong.response.text
        twice = ana.send(wrong, "/add", **filled(shop, "jean"))
        assert (twice.status, "est déjà attribuée ou réservée à cette personne" in plain(twice)) == (
            409,
            True,
        )
        ana.let_the_code_age()
        before = len(ana.codes())
        for page_of_people in (path, f"{path}/1"):
            assert "Jean" not in ana.see(page_of_people).text
        asked = ana.send(twice, "/add", **filled(shop, "lise"))
        assert subscription.seats == ["invited", "free", "free"]
        done = ana.send(asked, "/add", code=ana.code_after(before))
        assert "Nous envoyons une invitation à Lise Roy" in plain(done)
        again = ana.send(asked, "/add", code=ana.codes()[-1])
        assert (again.status, subscription.seats) == (200, ["invited", "invited", "free"])
        back = ana.send(twice, "/add", **filled(shop, "omar"))
        assert (back.status, subscription.seats) == (200, ["invited"] * 3)
        full = ana.send(twice, "/add", **filled(shop, "nina"))
        assert (full.status, "toutes les licences ont été attribuées" in plain(full)) == (409, True)


@pytest.mark.rule("P1", "P10")
def test_users_are_managed_where_the_product_has_them_and_once_it_is_active(shop: Shop) -> None:
    order = shop.order(SKU, "anchor-design-standard").buy()
    premium, standard = order.subscriptions
    base = f"/portal/{shop.id}/FR/subscriptions"
    standard.start()
    with Guest(shop) as ana:
        pending = ana.sign_in(f"{base}/{premium.id}")
        assert f"{base}/{premium.id}/users" not in pending.links
        assert "Vous pourrez ajouter ses utilisateurs dès qu'il sera activé" in plain(pending)
        for each in (premium, standard):
            assert ana.see(f"{base}/{each.id}/users").response.url.path == f"{base}/{each.id}"
        premium.start()
        form = ana.see(f"{base}/{premium.id}/users")
        (end,) = [known(instant(premium["term_end"]))]
        assert premium.stop().ok
        shop.to(end)
        over = ana.send(form, "/add", **filled(shop, "jean"))
        assert over.response.url.path == f"{base}/{premium.id}"
        assert "pris fin" in plain(over)


@pytest.mark.rule("X22", "H20", "P1")
def test_the_e_mail_leads_to_the_users_without_a_code_and_to_nothing_else(shop: Shop) -> None:
    subscription, path = with_seats(shop, 1)
    bought(shop, "anchor-design-standard")
    jean = jean_of(shop)
    with Guest(shop) as ana:
        page = ana.see(shop.link("subscription_active", "portal"))
        if "/add" not in str(page.forms):
            # The latest of the two e-mails is about the product without user management.
            assert page.forms == {}
            letters = [shop.mailbox.read(each["id"]) for each in shop.mails("subscription_active")]
            links = [link for each in letters for link in each["links"] if "/h/portal/" in link]
            page = ana.see("/h/portal/" + links[0].rpartition("/")[2])
        here = page.response.url.path
        assert here.endswith("/users")
        assert path.removesuffix("/users") in page.links
        added = ana.send(page, "/add", **filled(shop, "jean"))
        assert (subscription.seats, added.response.url.path) == (["invited"], here)
        shop.settle()
        assert ana.see(f"{here.removesuffix('/users')}/stop").response.url.path == here
        shop.on("PT72H")
        released = ana.see(shop.link("seat_released", "portal"))
        assert ana.send(released, "/add", **filled(shop, "jean")).status == 200
        assert subscription.seats == ["invited"]
    shop.settle()
    assert shop.templates(jean) == ["invitation", "invitation"]


@pytest.mark.rule("T1", "P13")
def test_who_only_uses_software_sees_what_and_whom_to_ask_and_nothing_of_the_owners(shop: Shop) -> None:
    subscription, _ = with_seats(shop, 1)
    jean = jean_of(shop)
    assert subscription.assign(jean).ok
    shop.settle()
    with Guest(shop, email=jean) as user:
        home = user.sign_in()
        assert "créez votre accès jusqu'au dimanche 18 janvier 2026" in plain(home)
        for said in ("édition Premium", "Ana Lefèvre", shop.email):
            assert said in plain(home), said
        for private in ("€", "renouvel", "2027", subscription["number"], subscription.id):
            assert private not in plain(home), private
        (link,) = [each for each in home.links if each.startswith("/h/invitation/")]
        accepted = user.send(user.see(link), link)
        assert "Tout est prêt" in plain(accepted)
        assert user.base in accepted.links
        assert "Vous avez une licence" in plain(user.see())
        assert user.see(f"{user.base}/subscriptions/{subscription.id}/users").status == 404
        assert subscription.revoke(1).ok
        assert "édition Premium" not in plain(user.see())
        assert "Ana Lefèvre" in plain(user.see(link))


@pytest.mark.rule("H20")
def test_a_user_is_found_by_name_or_address(shop: Shop) -> None:
    subscription, path = with_seats(shop, 3)
    for name in ("jean", "lise"):
        assert subscription.assign(f"{name}@{shop.id}.example.com").ok
    assert subscription.revoke(1).ok
    with Guest(shop) as ana:
        ana.sign_in(path)
        assert rows(ana.see(f"{path}?q=LISE"))[0].startswith("Licence 2")
        assert "Jean Dupont" in plain(ana.see(f"{path}?q=dupont"))
        nobody = ana.see(f"{path}?q=durand&page=7")
        assert "Aucune personne" in plain(nobody)
        assert len(rows(ana.see(f"{path}?page=99"))) == 3
        assert ana.see(f"{path}?page=x&seat=0&done=given").status == 200
