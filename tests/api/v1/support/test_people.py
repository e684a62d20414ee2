"""What support does with people: their data exported, their page looked at, an admin whom nobody reaches followed by another."""

from __future__ import annotations

import re

import pytest

from tests.api.v1.support.test_history import history, lines
from tests.api.v1.support.test_overview import act, overview
from tests.support.shop import Answer, Entity, OpenShop, Shop


def test_a_person_gets_everything_that_is_held_about_them(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office").buy()
    line, store = order.subscription, shop.store
    notes = f"/v1/support/entities/{order.id}/notes"
    assert Answer.of(store.post(notes, {"text": "Called Ana."}, role="support")).ok
    buyer = order["buyer"]["id"]
    path = f"/v1/people/{buyer}/export"
    assert Answer.of(store.get(path, role="storefront")).status == 403
    assert (
        Answer.of(store.get("/v1/people/pty_01k00000000000000000000000/export", role="support")).status == 404
    )
    export = Answer.of(store.get(path, role="support")).ok
    assert (export["person"]["email"], export["complete"]) == (shop.email, True)
    assert {each["kind"] for each in export["records"]} >= {"names", "certificate", "billing_address"}
    (certificate,) = [each for each in export["records"] if each["kind"] == "certificate"]
    assert certificate["content"]["country_of_use"]
    found = {each["id"]: each["roles"] for each in export["involvements"]}
    assert found == {order.id: ["buyer"], line.id: ["buyer", "admin"]}
    assert [each["text"] for each in export["notes"]] == ["Called Ana."]
    assert {each["template"] for each in export["mails"]} >= {"order_confirmed"}
    again = Answer.of(store.get(path, role="admin")).ok
    assert [each["action"] for each in again["changes"]] == ["export_person"]


def test_the_customers_page_is_looked_at_and_nothing_on_it_acts(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    line = order.subscription
    line.start()
    seen = Answer.of(shop.store.get(f"/v1/support/entities/{line.id}/as-customer", role="support")).ok
    assert (seen["page"], seen["reader"]["email"]) == ("portal", shop.email)
    html = seen["html"]
    assert "Prêt à l’emploi" in html
    assert "purchase_order_number" in html
    for form in re.findall(r"<form[^>]*>", html):
        assert form == "<form inert>"
    for control in re.findall(r"<(?:button|input)[^>]*>", html):
        assert " disabled" in control
    assert set(re.findall(r"/h/(?!terms/)[a-z]+/([\w.~-]+)", html)) <= {"shown-to-support"}
    bought = Answer.of(shop.store.get(f"/v1/support/entities/{order.id}/as-customer", role="ops")).ok
    assert (bought["page"], order["number"] in bought["html"]) == ("order", True)
    looks = [each["what"] for each in lines(history(line, limit=100), "operator")]
    assert "view_as_customer" in looks
    assert act(overview(line), "as_customer")["allowed"]


def a_request_is_refused(shop: Shop, line: Entity, path: str, told: dict[str, str]) -> int:
    """Asks for the wrong person, and takes that back. Returns the number of the request."""
    store, before = shop.store, overview(line)
    other = told | {"email": f"eve@{shop.id}.example.com", "name": "Eve Dupont"}
    wrong = Answer.of(store.post(path, other, role="support")).ok["id"]
    after, changes = overview(line), f"/v1/support/changes/{line.id}"
    noticed = Answer.of(store.get(changes, role="ops", seen=before["mark"], wait=5)).ok
    assert (noticed["changed"], noticed["mark"], after["recoveries"]) == (True, after["mark"], 1)
    assert not Answer.of(store.get(changes, role="ops", seen=after["mark"])).ok["changed"]
    no = {"reason": "The register does not name her."}
    refused = Answer.of(store.post(f"{path}/{wrong}/refuse", no, role="support")).ok
    assert (refused["state"], refused["why"], refused["approved_by"]) == ("refused", no["reason"], None)
    late = Answer.of(store.post(f"{path}/{wrong}/approve", no, role="ops"))
    assert late.refused[:2] == (409, "recovery_decided")
    return int(wrong)


@pytest.mark.rule("X11")
def test_an_admin_whom_nobody_reaches_is_followed_by_another_with_two_people(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    line = shop.order("anchor-design-premium").buy().subscription
    line.start()
    store, path = shop.store, f"/v1/support/entities/{line.id}/admin-recoveries"
    grace = f"grace@{shop.id}.example.com"
    told = {
        "email": grace,
        "name": "Grace Dupont",
        "reason": "The admin left, and the mailbox is closed.",
        "evidence": "Extract of the register, and a call back on its number.",
    }
    assert Answer.of(store.post(path, told, role="storefront")).status == 403
    wrong = a_request_is_refused(shop, line, path, told)
    asked = Answer.of(store.post(path, told, role="support", key="ask")).ok
    assert Answer.of(store.post(path, told, role="support", key="ask")).ok == asked
    assert (asked["state"], asked["evidence"]) == ("awaiting_approval", told["evidence"])
    approve = f"{path}/{asked['id']}/approve"
    why = {"reason": "Looked at the extract."}
    assert Answer.of(store.post(approve, why, role="support")).refused == (409, "same_reviewer", "T6")
    assert Answer.of(store.post(f"{path}/99999/approve", why, role="ops")).status == 404
    assert line["transfer"] is None
    begun = Answer.of(store.post(approve, why, role="ops")).ok
    assert begun["transfer"]["to"]["email"] == grace
    shop.settle()
    assert "admin_transfer_pending" in shop.templates(grace)
    listed, former = Answer.of(store.get(path, role="support")).ok["data"]
    assert (former["id"], overview(line)["recoveries"]) == (wrong, 0)
    assert (listed["state"], listed["approved_by"] is not None) == ("approved", True)
    assert overview(line)["also"][0]["code"] == "admin_transfer"
    assert line.post(f"transfer-admin/{begun['transfer']['number']}/accept").ok
    shop.settle()
    assert line["admin"]["email"] == grace
    acts = [each["what"] for each in lines(history(line, limit=100), "operator")]
    assert {"ask_admin_recovery", "refuse_admin_recovery", "approve_admin_recovery"} <= set(acts)
