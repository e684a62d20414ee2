"""Orders and subscriptions through the interface: read, list, change, certify, and their timelines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shop import TICK, Answer, OpenShop, Shop, at, instant
from tests.support.world import turns


def listed(shop: Shop, path: str = "/v1/orders", **query: Any) -> dict[str, Any]:
    """One page of the store's list."""
    return Answer.of(shop.store.get(path, store=shop.id, **query)).ok


def test_a_cart_shows_its_buyer_its_number_and_what_it_waits_for(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium").read()
    assert order["buyer"]["email"] == shared_shop.email
    assert order["number"].startswith("FAS-2024-")
    assert len(order["number"]) == len("FAS-2024-7K3M9Q")
    assert (order["waiting_for"], order["total"]) == (
        "buyer_to_place",
        {"amount": "1200.00", "currency": "EUR"},
    )


def test_a_cart_changes_as_a_whole_or_not_at_all(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium")
    lines = [{"sku": "anchor-design-standard", "quantity": 3, "term": "P1Y", "licence_kind": "floating"}]
    changed = Answer.of(shared_shop.store.patch(order.url, {"lines": lines})).ok
    assert changed["total"]["amount"] == "1440.00"
    refused = Answer.of(shared_shop.store.patch(order.url, {"lines": lines, "country": "XX"}))
    assert refused.codes == {"unknown_country"}
    assert order["lines"] == lines
    renamed = Answer.of(
        shared_shop.store.patch(order.url, {"buyer": {"email": "new@example.com", "name": "New"}})
    ).ok
    assert (renamed["buyer"]["email"], renamed["lines"]) == ("new@example.com", lines)
    assert Answer.of(shared_shop.store.patch(order.url, {})).status == 422


def test_an_address_that_nobody_can_write_to_opens_no_cart(shared_shop: Shop) -> None:
    for wrong in ("a:b@x.com", "a@b..com", "a@-b.com", "we\u00df@example.com", "ada@localhost"):
        refused = shared_shop.open("anchor-design-premium", buyer={"email": wrong, "name": "Ada"})
        assert refused.status == 422
        assert [each["pointer"] for each in refused.body["violations"]] == ["/buyer/email"]


def test_two_domains_that_fold_to_one_are_two_people_and_a_spelling_changes_nobody(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")

    def buyer(email: str) -> dict[str, Any]:
        bought: dict[str, Any] = shop.order("drafting-light", buyer={"email": email, "name": "Eve"})["buyer"]
        return bought

    one, other = buyer(f"eve@stra\u00dfe.{shop.id}.de"), buyer(f"eve@strasse.{shop.id}.de")
    assert one["id"] != other["id"]
    again = buyer(f"EVE@STRA\u00dfE.{shop.id}.de")
    assert (again["id"], again["email"]) == (one["id"], f"eve@stra\u00dfe.{shop.id}.de")


def test_an_address_of_another_script_is_written_to_in_ascii(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    shop.order("drafting-light", buyer={"email": f"eve@m\u00fcller.{shop.id}.de", "name": "Eve"}).buy()
    assert "order_confirmed" in shop.templates(f"eve@xn--mller-kva.{shop.id}.de")


def test_a_list_goes_page_by_page_and_filters(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    orders = [shop.order("anchor-design-premium") for _ in range(3)]
    orders[0].buy()
    assert orders[1].cancel().ok
    first = listed(shop, limit=2)
    rest = listed(shop, limit=2, after=first["next"])
    assert [len(first["data"]), first["has_more"]] == [2, True]
    assert [len(rest["data"]), rest["has_more"], rest["next"]] == [1, False, None]
    assert {each["id"] for each in first["data"] + rest["data"]} == {order.id for order in orders}
    assert [each["id"] for each in listed(shop, status="cancelled")["data"]] == [orders[1].id]
    assert [each["id"] for each in listed(shop, placed_after="2026-01-15T00:00:00Z")["data"]] == [
        orders[0].id
    ]
    assert listed(shop, placed_after="2026-01-16T00:00:00Z")["data"] == []
    assert len(listed(shop, buyer_email=shop.email.upper())["data"]) == 3
    assert listed(shop, buyer_email="nobody@example.com")["data"] == []
    subscriptions = listed(shop, "/v1/subscriptions", order=orders[0].id)
    assert [each["id"] for each in subscriptions["data"]] == [orders[0].subscription.id]


def test_a_cursor_of_nothing_is_refused(shared_shop: Shop) -> None:
    answer = Answer.of(shared_shop.store.get("/v1/orders", after="ord_none"))
    assert answer.refused[:2] == (422, "cursor_unknown")


@pytest.mark.rule("T5", "T6")
def test_every_wrong_answer_of_the_questionnaire_is_told_at_once(open_shop: OpenShop) -> None:
    order = open_shop("geomatics").order(gnss(open_shop))
    answer = order.certify(
        end_use="for general business and research purposes", signatory_name=None, no_diversion=False
    )
    assert answer.status == 422
    assert {(each["pointer"], each["code"], each["rule"]) for each in answer.body["violations"]} == {
        ("/answers/end_use", "end_use_vague", "T5"),
        ("/answers/signatory_name", "answer_missing", "T5"),
        ("/answers/no_diversion", "undertaking_refused", "T6"),
    }
    assert order["certificate"] is None
    assert order.certify().ok["certificate"] is not None
    assert "nuclear" not in str(order.read())


def gnss(open_shop: OpenShop) -> str:
    """The first product that `geomatics` sells online to a company in France."""
    shop = open_shop("geomatics")
    query = {"store": shop.id, "country": "FR", "audience": "company", "currency": "EUR"}
    offers = Answer.of(shop.store.get("/v1/catalog", **query)).ok["data"]
    return next(
        str(offer["sku"]) for offer in offers if any(each["term"] == "P1Y" for each in offer["terms"])
    )


@pytest.mark.rule("H6")
def test_a_timeline_tells_what_happened_why_it_waits_and_what_comes(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    told = order.timeline()
    assert told["waits_for"] == "its subscriptions, to become active or void"
    assert told["zone"] == "Europe/Paris"
    events = [entry for entry in told["timeline"] if entry["kind"] == "event"]
    names = [entry["event"] for entry in events if entry["event"] != "payment_reported"]
    assert names == ["cart_opened", "order_placed", "mandate_stored", "subscriptions_begun"]
    assert events[1] | {"data": {}} == {
        "at": "2026-01-15T10:30:00+01:00", "kind": "event", "event": "order_placed", "rule": "H19",
        "actor": "Local storefront", "entity": order.id, "data": {},
    }  # fmt: skip
    (mail,) = [entry for entry in told["timeline"] if entry["kind"] == "mail"]
    assert (mail["data"]["template"], mail["data"]["to"]["email"]) == ("order_processing", shop.email)
    (payment,) = [entry for entry in told["timeline"] if entry["kind"] == "payment"]
    assert payment["event"] == "mandate_succeeded"
    (summary,) = told["subscriptions"]
    assert (summary["id"], summary["waiting_for"]) == (order.subscription.id, "buyer_open_contract")
    assert summary["next"]["due_at"] == "2026-01-20T00:00:00+01:00"
    whole = Answer.of(shop.store.get(f"{order.url}/timeline", include="subscriptions")).ok
    assert {entry["entity"] for entry in whole["timeline"]} == {order.id, order.subscription.id}
    assert [entry["at"] for entry in whole["timeline"]] == sorted(entry["at"] for entry in whole["timeline"])
    assert "activation_window" in [entry["what"] for entry in whole["agenda"]]


def test_a_timeline_of_nothing_is_not_found(shared_shop: Shop) -> None:
    assert shared_shop.store.get("/v1/orders/ord_none/timeline").status_code == 404
    assert shared_shop.store.get("/v1/orders/sub_none").status_code == 404


@pytest.mark.rule("D5")
def test_the_catalog_tells_prices_or_who_sells_it(shared_shop: Shop) -> None:
    query = {"store": shared_shop.id, "country": "FR", "audience": "design_office", "currency": "EUR"}
    offers = {
        offer["sku"]: offer for offer in Answer.of(shared_shop.store.get("/v1/catalog", **query)).ok["data"]
    }
    premium, hammer = offers["anchor-design-premium"], offers["rotary-hammer"]
    assert premium["terms"][0]["price"] == {"amount": "1200.00", "currency": "EUR"}
    assert (hammer["buyable"], hammer["contact"], hammer["refusals"][0]["rule"]) == (
        False,
        "tools@fastening.example.com",
        "D5",
    )


def test_events_are_pulled_once_each_and_in_order(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    shop.order("anchor-design-premium").buy()
    seen: list[dict[str, Any]] = []
    after = 0
    for _ in turns("the last page of events"):
        page = Answer.of(shop.store.get("/v1/events", store=shop.id, after=after, limit=2)).ok
        seen += page["data"]
        after = page["next"]
        if not page["has_more"]:
            break
    assert [event["id"] for event in seen] == sorted({event["id"] for event in seen})
    assert [event["type"] for event in seen][:2] == ["order.cart_opened", "order.order_placed"]
    assert Answer.of(shop.store.get("/v1/events", store=shop.id, after=after)).ok["data"] == []


@pytest.mark.rule("T10")
def test_a_delayed_order_is_a_task_of_support(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-11-20 10:00")
    order = shop.order(gnss(open_shop))
    assert order.certify(military_or_police=True).ok
    assert order.place().ok
    shop.settle()
    shop.to("2026-11-25 00:00")
    tasks = Answer.of(shop.store.get("/v1/support/tasks", role="support")).ok["data"]
    (task,) = [task for task in tasks if (task["order"] or {}).get("id") == order.id]
    assert (task["task"], task["rule"]) == ("contact_buyer", "T10")
    assert task["contact"].endswith("example.com")
    assert delayed(shop) == [order.id]


def delayed(shop: Shop) -> list[str]:
    """The orders that the list finds by their fact."""
    found = Answer.of(shop.store.get("/v1/orders", store=shop.id, fact="delayed_at")).ok["data"]
    return [each["id"] for each in found]


@pytest.mark.rule("T10")
def test_every_task_is_seen_page_by_page(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-11-20 10:00")
    orders = [shop.order(gnss(open_shop)) for _ in range(3)]
    for order in orders:
        assert order.certify(military_or_police=True).ok
        assert order.place().ok
    shop.settle()
    shop.to("2026-11-25 00:00")
    seen: list[str] = []
    after = None
    for _ in turns("the last page", 500):
        query = {"limit": 1} | ({"after": after} if after else {})
        page = Answer.of(shop.store.get("/v1/support/tasks", role="support", **query)).ok
        (task,) = page["data"]
        about = (task["order"] or task["subscription"])["id"]
        assert about not in seen
        seen.append(about)
        after = page["next"]
        if not after:
            break
    assert set(seen) >= {order.id for order in orders}
    unknown = shop.store.get("/v1/support/tasks", role="support", after="ord_x")
    assert Answer.of(unknown).refused[:2] == (422, "cursor_unknown")


@pytest.mark.rule("T10")
def test_an_order_whose_contract_never_left_is_delayed_found_and_a_task(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-11-20 10:00")
    shop.mailbox.fail("refuse_554", to=shop.email, count=50)
    order, other = (shop.order("anchor-design-standard").buy() for _ in range(2))
    other.subscription.start()
    shop.to(at("2026-11-25 00:00") - TICK)
    assert (order["delayed_at"], delayed(shop)) == (None, [])
    shop.to("2026-11-25 00:00")
    assert (order.status, instant(order["delayed_at"])) == ("processing", at("2026-11-25 00:00"))
    assert delayed(shop) == [order.id]
    assert instant(order.subscription["delayed_at"]) == at("2026-11-25 00:00")
    tasks = Answer.of(shop.store.get("/v1/support/tasks", role="support")).ok["data"]
    assert [task["order"]["id"] for task in tasks if (task["order"] or {}).get("store") == shop.id] == [
        order.id
    ]
    order.subscription.start()
    tasks = Answer.of(shop.store.get("/v1/support/tasks", role="support")).ok["data"]
    assert [task for task in tasks if (task["order"] or {}).get("store") == shop.id] == []
    assert delayed(shop) == [order.id]
