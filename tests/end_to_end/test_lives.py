"""Each store's order from cart to its second renewal, through HTTP, signed links and e-mails alone."""

from __future__ import annotations

import pytest

from tests.support.shop import OpenShop, at, instant
from tests.support.world import turns


@pytest.mark.rule("H1", "H5", "G8")
def test_fastening_is_signed_through_the_link_then_charged_each_year(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-standard").buy()
    subscription = order.subscription
    assert (order.status, subscription.status) == ("processing", "pending_activation")
    assert shop.templates() == ["contract_ready", "order_processing"]
    assert order.charged == subscription.charged == []
    shop.to("2026-01-20 09:00")
    link = shop.link("contract_ready", "contract")
    for _ in range(2):
        contract = shop.page(link)
        assert (contract.status, subscription["steps"][0]["done_at"]) == (200, None)
    assert not shop.entitled("anchor-design-standard")
    for _ in turns("the contract is signed", 5):
        if not contract.has_form:
            break
        contract = contract.send(signer_name="Ana Lefèvre", consent="yes")
    shop.settle()
    assert (order.status, subscription.status) == ("completed", "active")
    signed = shop.page(f"{link}?signed=yes")
    assert signed.response.headers["refresh"] == "15; url=https://fastening.example.com/shop"
    assert "refresh" not in shop.page(link).response.headers
    assert subscription.charged == [48000]
    assert shop.entitled("anchor-design-standard")
    shop.to("2027-01-20 00:00")
    shop.to("2028-01-20 00:00")
    assert (subscription["term_number"], subscription.status) == (2, "active")
    assert instant(subscription["term_end"]) == at("2029-01-20 00:00")
    assert subscription.charged_at == [at("2026-01-20 09:00"), at("2027-01-20"), at("2028-01-20")]
    yearly = ["renewal_notice", "renewal_notice", "renewed"]
    assert shop.templates()[2:] == ["subscription_active", *yearly, *yearly]


@pytest.mark.rule("T5", "G8")
def test_geomatics_certifies_is_charged_when_ordered_and_renews(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-02-10 14:00")
    order = shop.order({"sku": "survey-office", "quantity": 2, "licence_kind": "floating"}).buy()
    subscription = order.subscription
    assert (order.status, subscription.status) == ("completed", "active")
    assert (order.charged, subscription.charged) == ([378000], [])
    assert shop.templates() == ["order_confirmed", "order_processing", "subscription_active"]
    assert subscription.seats == ["free", "free"]
    shop.to("2028-02-10 12:00")
    assert (subscription["term_number"], subscription.status) == (2, "active")
    assert subscription.charged == [378000] * 2
    assert shop.templates().count("renewed") == 2


@pytest.mark.rule("D8", "D14", "G4")
def test_lifecycle_by_the_month_keeps_the_anchor_of_its_first_day(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-01-31 09:00")
    order = shop.order({"sku": "design-for-makers", "term": "P1M"}, audience="maker").buy()
    subscription = order.subscription
    ends = []
    for month in ("02-28", "03-31", "04-30", "05-31"):
        ends.append(instant(subscription["term_end"]))
        shop.to(f"2026-{month} 00:00")
    assert ends == [at(f"2026-{day} 00:00") for day in ("02-28", "03-31", "04-30", "05-31")]
    assert subscription["term_number"] == 4
    assert (order.charged, subscription.charged) == ([999], [999] * 4)
    assert shop.templates()[-2:] == ["renewal_notice", "renewed"]


@pytest.mark.rule("A1", "T11")
def test_drafting_renews_in_dollars_and_in_english(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-05-05 16:00")
    buyer = {"email": shop.email, "name": "Bob Hill", "language": "en"}
    order = shop.order("drafting-light", country="CA", currency="USD", buyer=buyer).buy()
    assert order.subscription.status == "active"
    shop.to("2028-05-05 00:00")
    assert order.subscription["term_number"] == 2
    assert order.charged + order.subscription.charged == [59500] * 3
    assert {each["currency"] for each in order.subscription.captures} == {"USD"}
    assert "Bob Hill" in shop.letter("renewed")["text"]


@pytest.mark.rule("X1", "P7", "P14")
def test_where_the_click_is_the_signature_it_records_both(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("profile-design").buy().subscription
    assert subscription.activate().refused == (422, "signer_missing", "H4")
    first = subscription.activate(signer={"name": "Ana Lefèvre", "authorised": True})
    assert all(step["done_at"] for step in first.ok["steps"])
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [69000])


@pytest.mark.rule("P7", "H4", "H6")
def test_portal_and_link_lead_to_one_state_and_the_second_is_a_no_op(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy().subscription
    assert subscription.sign().refused == (409, "step_out_of_order", "H1")
    done = subscription.activate().ok["steps"]
    shop.to("2026-01-16 09:00")
    assert subscription.activate().ok["steps"] == done
    page = shop.page(shop.link("contract_ready", "contract"))
    assert "support@fastening.example.com" in page.text
    assert page.send(signer_name="", consent="yes").status == 422
    assert page.send(signer_name="Ana", consent="").status == 422
    active = page.send(signer_name="Ana Lefèvre", consent="yes")
    assert active.status == 200
    shop.settle()
    assert subscription.status == "active"
    for again in (subscription.activate(), subscription.sign()):
        assert again.ok["status"] == "active"
    shop.settle()
    assert subscription.charged == [120000]
    assert shop.templates().count("subscription_active") == 1


@pytest.mark.rule("H17", "H18", "H19")
def test_an_order_of_two_lines_is_two_subscriptions(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    mixed = shop.open("anchor-design-premium", "tool-fleet")
    assert mixed.refused == (422, "hardware_separate", "H17")
    order = shop.order("anchor-design-premium", {"sku": "profile-design", "quantity": 3})
    unticked = order.place(terms_accepted=False, billing_address=None)
    assert unticked.status == 422
    assert {violation["rule"] for violation in unticked.body["violations"]} == {"H18", "H19"}
    assert order.buy()["total"] == {"amount": "3270.00", "currency": "EUR"}
    premium, profile = order.subscriptions
    premium.start()
    assert (order.status, [line["outcome"] for line in order["lines"]]) == (
        "processing",
        ["active", "pending"],
    )
    changed = shop.store.patch(premium.url, {"purchase_order_number": "PO-77"})
    assert changed.json()["purchase_order_number"] == "PO-77"
    assert profile["purchase_order_number"] == "PO-1"
    shop.to("2026-04-16 00:00")
    assert (profile.status, order.status) == ("void", "completed")
    assert (premium.charged, profile.charged, order.charged) == ([120000], [], [])
