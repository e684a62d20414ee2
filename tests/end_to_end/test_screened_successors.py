"""A new admin is screened where the order was: a match holds the switch until two people release it (X19)."""

from __future__ import annotations

import pytest

from tests.api.web.portal.test_subscriptions import plain
from tests.support.portal import Guest
from tests.support.shop import TICK, Answer, OpenShop, Shop, Subscription, at

LISTED = "Adam Al Herz"
"""A person of the sample list."""


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store that asks for end-use certificates."""
    return open_shop("geomatics", "2026-03-02 10:00")


def bought(shop: Shop) -> Subscription:
    return shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription


def address(shop: Shop, name: str) -> str:
    return f"{name}@{shop.id}.example.com"


def hand_over(subscription: Subscription, name: str) -> str:
    """Names a new person, who accepts; returns their address."""
    heir = address(subscription.shop, "heir")
    body = {"email": heir, "name": name, "language": "en"}
    assert subscription.post("transfer-admin", body).ok["result"]["transferred"] is False
    subscription.shop.settle()
    done = subscription.post("transfer-admin/1/accept").ok["result"]
    assert done["transferred"] is (name != LISTED)
    subscription.shop.settle()
    return heir


@pytest.mark.rule("X19", "X11")
def test_a_new_admin_whom_no_list_names_takes_over_at_once(shop: Shop) -> None:
    subscription = bought(shop)
    heir = hand_over(subscription, "Noé Petit")
    assert subscription["admin"]["email"] == heir
    assert (subscription["transfer"], subscription.events.count("admin_transferred")) == (None, 1)


@pytest.mark.rule("X19", "T6")
def test_a_match_holds_the_switch_until_two_people_release_it(shop: Shop) -> None:
    subscription = bought(shop)
    heir = hand_over(subscription, LISTED)
    assert subscription["admin"]["email"] == shop.email
    public = Answer.of(shop.store.get(subscription.url)).ok["transfer"]
    assert (set(public["hold"]), public["agreed_at"]) == (
        {"opened_at"},
        subscription["transfer"]["agreed_at"],
    )
    assert subscription.due("admin_transfer") is None
    for letter in (shop.letter("admin_transfer_held"), shop.letter("takeover_held", heir)):
        for secret in ("list", "screen", "export", "sanction"):
            assert secret not in letter["text"].lower()
    (listed,) = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", store=shop.id)).ok["data"]
    assert (listed["id"], listed["transfer"]["hold"]["reasons"][0]["code"]) == (
        subscription.id,
        "possible_match",
    )
    seen = Answer.of(shop.store.get(f"/v1/compliance/holds/{subscription.id}", role="compliance")).ok
    assert (seen["subscription"]["transfer"]["to"]["name"], seen["order"]["id"]) == (
        LISTED,
        subscription["order_id"],
    )
    first = subscription.decide("release").ok["result"]
    assert (first["decisions"], first["needed"]) == (1, 2)
    assert subscription.decide("release").refused == (409, "same_reviewer", "T6")
    assert subscription["admin"]["email"] == shop.email
    assert subscription.decide("release", "compliance_second").ok
    shop.settle()
    assert (subscription["admin"]["email"], subscription["transfer"]) == (heir, None)
    assert shop.letter("admin_transferred", heir)
    assert subscription.decide("reject").refused[:2] == (409, "hold_closed")


@pytest.mark.rule("X19", "X11", "X22")
def test_the_pages_say_that_it_takes_longer_and_a_refusal_leaves_the_admin(shop: Shop) -> None:
    subscription = bought(shop)
    path, heir = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}", address(shop, "heir")
    with Guest(shop) as ana, Guest(shop, email=heir) as adam:
        ana.sign_in(path)
        assert subscription.post("transfer-admin", {"email": heir, "name": LISTED, "language": "en"}).ok
        shop.settle()
        link = shop.link("admin_transfer_pending", "transfer", heir)
        held = adam.send(adam.see(link), link)
        assert "A little more time before you take over" in plain(held)
        shop.settle()
        shop.to("2026-03-30 10:00")
        assert "A little more time" in plain(adam.see(shop.link("takeover_held", "transfer", heir)))
        waits = ana.see(path)
        assert "est en cours de traitement" in plain(waits)
        assert "et nous vous écrirons" in plain(ana.see(f"{path}?done=held"))
        assert (f"{path}/call-off-transfer" in waits.forms, f"{path}/transfer" in waits.links) == (
            True,
            False,
        )
        assert subscription.decide("reject").ok
        shop.settle()
        assert "You do not take over" in plain(adam.see(link))
        assert f"{path}/transfer" in ana.see(path).links
    assert subscription["admin"]["email"] == shop.email
    assert shop.letter("admin_transfer_refused")
    assert shop.letter("takeover_refused", heir)


@pytest.mark.rule("X19", "T6", "G1")
def test_a_hold_that_nobody_releases_leaves_the_admin_when_it_is_over(shop: Shop) -> None:
    subscription = bought(shop)
    hand_over(subscription, LISTED)
    assert subscription.due("hold_max") == at("2026-04-02 00:00")
    shop.to(at("2026-04-02 00:00") - TICK)
    assert subscription["transfer"]["hold"]
    shop.to("2026-04-02 00:00")
    assert (subscription["transfer"], subscription["admin"]["email"]) == (None, shop.email)
    assert "admin_transfer_refused" in subscription.events
    assert subscription.decide("release").refused[:2] == (409, "hold_closed")


@pytest.mark.rule("X19")
def test_a_listed_user_is_held_too_and_the_admin_may_call_it_off(shop: Shop) -> None:
    subscription = bought(shop)
    user = address(shop, "user")
    assert subscription.post("seats", {"email": user, "name": LISTED, "language": "en"}).ok
    shop.settle()
    for role in ("compliance", "compliance_second"):
        assert subscription.decide("release", role).ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", user)).send()
    assert subscription.post("transfer-admin", {"seat": 1}).ok["result"]["transferred"] is False
    shop.settle()
    again = subscription.post("transfer-admin", {"seat": 1})
    assert again.refused == (409, "transfer_pending", "X11")
    assert subscription.post("transfer-admin/1/call-off").ok
    assert (subscription["transfer"], subscription["admin"]["email"]) == (None, shop.email)
    assert subscription.decide("release").refused[:2] == (409, "hold_closed")


@pytest.mark.rule("X19", "H13")
def test_an_admin_who_is_being_checked_is_not_told_that_they_used_a_licence(shop: Shop) -> None:
    subscription = bought(shop)
    assert shop.operate(subscription.id, "park", "person_screening/1").ok
    own = {"email": shop.email, "name": "Ana Lefèvre", "language": "fr"}
    assert subscription.post("seats", own).ok["result"]["state"] == "held"
    path = f"/portal/{shop.id}/FR/subscriptions/{subscription.id}"
    heir = {"by": "address", "email": address(shop, "heir"), "name": "Noé Petit", "language": "fr"}
    with Guest(shop) as ana:
        ana.sign_in(path)
        check = plain(ana.send(ana.see(f"{path}/transfer"), "/transfer", **heir))
    assert ("vous perdez l'accès" in check, "La licence que vous utilisez" in check) == (True, False)
