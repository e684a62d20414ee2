"""Holds: the reviewer gets the evidence, every read is audited, two different people release (T5, T6)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jalon.persistence.sessions import Sessions
from tests.support.machines import Serving
from tests.support.shop import Answer, OpenShop, Order, Shop, Subscription

SKU_QUERY = {"country": "FR", "audience": "company", "currency": "EUR"}


def held(shop: Shop) -> Order:
    """An order on export hold because of its questionnaire."""
    offers = Answer.of(shop.store.get("/v1/catalog", store=shop.id, **SKU_QUERY)).ok["data"]
    sku = next(offer["sku"] for offer in offers if any(each["term"] == "P1Y" for each in offer["terms"]))
    order = shop.order(sku)
    assert order.certify(military_or_police=True).ok
    assert order.place().ok
    shop.settle()
    assert order.status == "export_hold"
    return order


@pytest.mark.rule("T6")
def test_two_different_people_release_a_hold(open_shop: OpenShop) -> None:
    order = held(open_shop("geomatics"))
    first = order.decide("release").ok["result"]
    assert (first["decisions"], first["needed"]) == (1, 2)
    assert order.decide("release").refused == (409, "same_reviewer", "T6")
    assert order.decide("release", role="compliance_second").ok["result"]["decisions"] == 2
    order.shop.settle()
    assert order.status in ("processing", "completed")
    assert order.decide("reject").refused[0] == 409


@pytest.mark.rule("T6")
async def test_the_audit_says_who_issued_the_keys_that_decided(open_shop: OpenShop, machine: Serving) -> None:
    order = held(open_shop("geomatics"))
    assert order.decide("release").ok
    assert order.decide("reject", role="compliance_second").ok
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    async with sessions.of(order.shop.id) as tx:
        query = "select actor, data from audit where entity_id = :id and action = 'use_key' order by id"
        used = (await tx.execute(text(query), {"id": order.id})).all()
    await sessions.close()
    assert [row.actor for row in used] == ["Camille Compliance", "Dominique Compliance"]
    for row in used:
        assert (row.data["issued_by"], row.data["accepted"]) == ("command line", True)


@pytest.mark.rule("T6")
def test_one_person_rejects(open_shop: OpenShop) -> None:
    order = held(open_shop("geomatics"))
    assert order.decide("reject").ok["status"] == "rejected"
    order.shop.settle()
    assert (order.status, order.captures) == ("rejected", [])


@pytest.mark.rule("T5", "T6")
def test_a_reviewer_sees_the_answers_and_a_storefront_never_why(open_shop: OpenShop) -> None:
    order = held(open_shop("geomatics"))
    sandbox_store = order.shop.store
    (listed,) = Answer.of(
        sandbox_store.get("/v1/compliance/holds", role="compliance", store=order.shop.id)
    ).ok["data"]
    assert listed["hold"]["reasons"][0]["code"] == "red_flag"
    seen = Answer.of(sandbox_store.get(f"/v1/compliance/holds/{order.id}", role="compliance")).ok
    answers = {each["question"]: each["answer"] for each in seen["certificate"]["answers"]}
    assert answers["military_or_police"] is True
    public = Answer.of(sandbox_store.get(order.url)).ok
    assert (public["status"], set(public["hold"])) == ("export_hold", {"opened_at"})
    assert order.decide("release").ok
    timeline = Answer.of(sandbox_store.get(f"{order.url}/timeline")).text
    assert "red_flag" not in timeline
    assert "Camille" not in timeline
    assert "Camille" in sandbox_store.get(f"{order.url}/timeline", role="support").text
    assert "red_flag" not in sandbox_store.get("/v1/events", store=order.shop.id).text


async def test_every_look_at_evidence_is_in_the_audit(open_shop: OpenShop, machine: Serving) -> None:
    order = held(open_shop("geomatics"))
    for _ in range(2):
        assert order.shop.store.get(f"/v1/compliance/holds/{order.id}", role="compliance").is_success
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    async with sessions.of(order.shop.id) as tx:
        query = "select actor, action, previous, digest from audit where entity_id = :id order by id"
        rows = (await tx.execute(text(query), {"id": order.id})).all()
    await sessions.close()
    looks = [row for row in rows if row.action == "view_evidence"]
    assert [row.actor for row in looks] == ["Camille Compliance"] * 2
    assert [row.previous for row in rows[1:]] == [row.digest for row in rows[:-1]]


def test_an_order_without_a_hold_has_none_to_show(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium")
    assert shared_shop.store.get(f"/v1/compliance/holds/{order.id}", role="compliance").status_code == 404
    assert order.decide("release").refused[1] == "hold_closed"


def test_every_hold_is_seen_page_by_page(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics")
    orders = [held(shop) for _ in range(3)]
    seen, after = [], None
    for _ in orders:
        query = {"store": shop.id, "limit": 1} | ({"after": after} if after else {})
        page = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", **query)).ok
        seen += [order["id"] for order in page["data"]]
        after = page["next"]
    assert (sorted(seen), after) == (sorted(order.id for order in orders), None)
    for after in ("ord_x", "yesterday/ord_1", "2026-03-02T10:00:00Z/x"):
        unknown = shop.store.get("/v1/compliance/holds", role="compliance", after=after)
        assert Answer.of(unknown).refused[:2] == (422, "cursor_unknown")


def test_no_hold_is_left_out_where_the_last_one_seen_is_decided_meanwhile(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    names(subscription, "adam")
    shop.on("PT1H")
    order = held(shop)
    shop.on("PT1H")
    names(subscription, "eve")
    first = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", store=shop.id, limit=1)).ok
    assert [each["id"] for each in first["data"]] == [subscription.id]
    path = f"/v1/compliance/holds/{subscription.id}/decisions"
    decision = {"decision": "reject", "reason": "known", "turn": 1}
    assert Answer.of(shop.store.post(path, decision, role="compliance")).ok
    shop.settle()
    query = {"store": shop.id, "after": first["next"]}
    rest = Answer.of(shop.store.get("/v1/compliance/holds", role="compliance", **query)).ok
    assert [each["id"] for each in rest["data"]] == [order.id, subscription.id]


def names(subscription: Subscription, who: str) -> None:
    """Gives a seat to somebody whom the list names."""
    address = f"{who}@{subscription.shop.id}.example.com"
    assert subscription.post("seats", {"email": address, "name": "Adam Al Herz", "language": "en"}).ok
    subscription.shop.settle()
