"""The boundaries of the rulebook through every interface, one microsecond before, at, and one after.

Each kind of deadline is tested here once, over one of the two clock changes. The tables of clock changes, weekends and holidays are in
`tests/jalon/domain/calendar`.
"""

from __future__ import annotations

import pytest

from tests.support.shop import TICK, OpenShop, at, instant


@pytest.mark.rule("P5", "G1", "G3")
def test_ninety_days_to_activate(open_shop: OpenShop) -> None:
    closes = "2026-11-01T00:00:00+01:00"
    shop = open_shop("fastening", "2026-08-02 23:59:59.999999")
    subscriptions = [shop.order("anchor-design-premium").buy().subscription for _ in range(3)]
    in_time, at_closing, after = subscriptions
    for subscription in subscriptions:
        assert instant(subscription["activation_by"]) == at(closes)
        assert subscription.activate().ok
    shop.to(at(closes) - TICK)
    page = shop.page(shop.link("contract_ready", "contract"))
    assert in_time.sign().ok
    shop.settle()
    assert (in_time.status, in_time.charged) == ("active", [120000])
    shop.to(closes)
    assert at_closing.sign().refused == (409, "activation_window_closed", "P5")
    shop.to(at(closes) + TICK)
    assert after.sign().refused == (409, "activation_window_closed", "P5")
    assert page.send(signer_name="Ana Lefèvre", consent="yes").status == 409
    assert not shop.page(page.path).has_form
    assert (at_closing.status, at_closing.charged, after.status, after.charged) == ("void", [], "void", [])
    assert in_time.status == "active"


@pytest.mark.rule("T2", "T3", "G2")
def test_seventy_two_hours_to_set_up(open_shop: OpenShop) -> None:
    sent, closes = "2026-03-27T12:00:00+01:00", "2026-03-30T13:00:00+02:00"
    shop = open_shop("geomatics", "2026-03-01 09:00")
    subscription = shop.order({"sku": "survey-office", "quantity": 3}).buy().subscription
    shop.to(sent)
    people = [f"{name}@{shop.id}.example.com" for name in ("jean", "lise", "omar")]
    for person in people:
        assert subscription.assign(person).ok
    shop.settle()
    pages = [shop.page(shop.link("invitation", "invitation", person)) for person in people]
    assert {instant(seat["open_until"]) for seat in subscription["seats"]} == {at(closes)}
    shop.to(at(closes) - TICK)
    assert pages[0].send(name="Jean Dupont").status == 200
    assert subscription.seats == ["assigned", "invited", "invited"]
    shop.to(closes)
    assert pages[1].send(name="Lise").status == 409
    shop.to(at(closes) + TICK)
    assert pages[2].send(name="Omar").status == 409
    assert subscription.seats == ["assigned", "free", "free"]
    assert shop.templates().count("seat_released") == 2
    assert [shop.templates(person) for person in people] == [
        ["invitation", "user_added"],
        ["invitation"],
        ["invitation"],
    ]


@pytest.mark.rule("D15", "G1")
def test_five_days_before_the_end_to_stop(open_shop: OpenShop) -> None:
    closes, ends = "2026-10-23T00:00:00+02:00", "2026-10-28T00:00:00+01:00"
    shop = open_shop("lifecycle", "2026-07-28 09:00")
    stopped, locked, late = [
        shop.order({"sku": "collaborator", "term": "P3M"}).buy().subscription for _ in range(3)
    ]
    assert (instant(stopped["stop_by"]), instant(stopped["term_end"])) == (at(closes), at(ends))
    shop.to(at(closes) - TICK)
    assert stopped.stop().ok
    assert late.stop().ok
    shop.to(closes)
    assert locked.stop().refused == (409, "renewal_committed", "D15")
    assert (locked.standing, stopped.standing) == ("renewal_committed", "stop_requested")
    shop.to(at(closes) + TICK)
    assert late.resume().refused == (409, "renewal_committed", "D15")
    shop.to(at(ends) - TICK)
    assert locked.stop().refused == (409, "renewal_committed", "D15")
    shop.to(ends)
    assert (stopped.status, late.status, locked.status) == ("data_retained", "data_retained", "active")
    assert locked.stop().ok["standing"] == "stop_requested"
    assert (stopped.charged, len(locked.charged)) == ([], 1)


@pytest.mark.rule("X4", "D17")
@pytest.mark.parametrize(
    ("ordered", "term", "requested", "closes"),
    [
        ("2026-01-01 09:00", "P1Y", "2026-12-20 15:00", "2027-01-04T00:00:00+01:00"),
        ("2026-01-01 09:00", "P3M", "2026-02-01 15:00", "2026-04-01T00:00:00+02:00"),
    ],
    ids=["asked on 20 December", "asked long before the end"],
)
def test_data_stays_two_weeks_from_the_request_and_to_the_end_of_the_term(
    open_shop: OpenShop, ordered: str, term: str, requested: str, closes: str
) -> None:
    shop = open_shop("lifecycle", ordered)
    subscription = shop.order({"sku": "collaborator", "term": term}).buy().subscription
    shop.to(requested)
    assert instant(subscription.stop().ok["result"]["data_until"]) == at(closes)
    shop.to(at(closes) - TICK)
    assert subscription.standing in ("data_retained", "stop_requested")
    assert shop.templates().count("purge_warning") == 1
    shop.to(closes)
    assert subscription.status == "purged"
    told = shop.letter("subscription_ended")["text"]
    assert ("maintenant supprimées" in told) == (term == "P3M")
    shop.to(at(closes) + TICK)
    assert (subscription.status, subscription["next_renewal_at"]) == ("purged", None)


@pytest.mark.rule("T10", "G5")
def test_two_business_days_without_news(open_shop: OpenShop) -> None:
    closes = "2026-12-30T00:00:00+01:00"
    shop = open_shop("geomatics", "2026-12-24 10:00")
    order = shop.order("survey-office")
    assert order.certify(space=True).ok
    assert order.place().ok
    shop.settle()
    assert (order.status, order.due("order_news")) == ("export_hold", at(closes))
    shop.to(at(closes) - TICK)
    assert order["delayed_at"] is None
    assert "order_delayed" not in shop.templates()
    shop.to(closes)
    assert instant(order["delayed_at"]) == at(closes)
    shop.to(at(closes) + TICK)
    assert shop.templates() == ["export_hold", "order_processing", "order_delayed"]
    assert "product-support@geomatics.example.com" in shop.letter("order_delayed")["text"]
    tasks = shop.store.get("/v1/support/tasks", role="support", limit=100).json()["data"]
    (task,) = [each for each in tasks if (each["order"] or {}).get("id") == order.id]
    assert task["contact"] == "product-support@geomatics.example.com"
