"""An e-mail to the admin that could not leave before the administration passed on goes to whoever is the admin then (H12, X21)."""

from __future__ import annotations

import pytest

from tests.support.shop import OpenShop, Shop, Subscription

PREMIUM = "anchor-design-premium"


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store whose products have user management."""
    return open_shop("fastening", "2026-01-15 10:30")


def used(shop: Shop, heir: str) -> Subscription:
    """An active subscription of which the heir has seat 1."""
    subscription = shop.order({"sku": PREMIUM, "quantity": 2}).buy().subscription.start()
    assert subscription.assign(heir).ok
    shop.settle()
    shop.page(shop.link("invitation", "invitation", heir)).send()
    shop.settle()
    return subscription


def withdrawn(subscription: Subscription) -> list[str]:
    timeline = subscription.timeline()["timeline"]
    return [each["data"]["template"] for each in timeline if each["event"] == "mail_withdrawn"]


@pytest.mark.rule("H12", "X21", "X22")
def test_what_the_mail_server_did_not_take_before_the_switch_goes_to_the_new_admin(shop: Shop) -> None:
    heir = f"lise@{shop.id}.example.com"
    subscription = used(shop, heir)
    for address in (shop.email, heir):
        shop.mailbox.fail("refuse_451", to=address, count=1000)
    assert subscription.stop().ok
    assert subscription.post("transfer-admin", {"seat": 1}).ok["result"]["transferred"]
    shop.mailbox.mend()
    shop.settle()
    assert "renewal_stopped" in shop.templates(heir)
    assert "renewal_stopped" not in shop.templates()
    assert "admin_passed_on" in shop.templates()
    assert "Bonjour Jean Dupont" in shop.letter("renewal_stopped", heir)["text"]
    link = shop.link("renewal_stopped", "portal", heir)
    assert shop.page(link).status == 200
    assert withdrawn(subscription) == ["renewal_stopped"]


@pytest.mark.rule("H12", "X21")
def test_a_parked_e_mail_of_the_former_admin_goes_to_the_new_one(shop: Shop) -> None:
    heir = f"lise@{shop.id}.example.com"
    subscription = used(shop, heir)
    assert shop.operate(subscription.id, "park", "mail/renewed/1").ok
    shop.to("2027-01-16 10:30")
    assert [each["step"] for each in subscription.read()["parked"]] == ["mail/renewed/1"]
    assert subscription.post("transfer-admin", {"seat": 1}).ok["result"]["transferred"]
    shop.settle()
    assert subscription.read()["parked"] == []
    assert ("renewed" in shop.templates(heir), "renewed" in shop.templates()) == (True, False)
    assert withdrawn(subscription) == ["renewed"]
