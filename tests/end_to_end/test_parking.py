"""Parked steps: retry, edit and retry, skip with evidence, compensate; every command of an operator is audited."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.shop import OpenShop, Order, Shop


def audit(shop: Shop, entity: str) -> list[dict[str, Any]]:
    """The audit rows of an entity. Verifies their chain."""
    url = shop.machine.environment["JALON_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.execute("select set_config('app.stores', %s, false)", [shop.id])
        rows = connection.execute("select * from audit where entity_id = %s order by id", [entity]).fetchall()
    digests = [bytes(row["digest"]) for row in rows]
    assert [bytes(row["previous"]) for row in rows] == [b"", *digests[:-1]]
    return rows


def refused_by_the_bank(shop: Shop, count: int = 1, **bank: Any) -> Order:
    """An order whose payment the provider refuses."""
    order = shop.order("drafting-light")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=count, code="merchant_suspended", **bank)
    assert order.place().ok
    shop.settle()
    assert (order.status, order["waiting_for"], order.charged) == ("submitted", "operator", [])
    return order


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop("drafting", "2026-03-02 10:00")


def test_retried_it_goes_on_and_is_charged_once(shop: Shop) -> None:
    order = refused_by_the_bank(shop, count=2)
    (cause,) = shop.parked()
    assert (cause["step"], cause["count"], cause["entities"][0]["id"]) == ("payment", 1, order.id)
    assert shop.operate(order.id, "retry", "payment", role="support").refused[0] == 403
    assert shop.operate(order.id, "retry", "screening").refused == (409, "not_parked", None)
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert (order.status, shop.parked()[0]["fingerprint"]) == ("submitted", cause["fingerprint"])
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert (order.status, order.charged, shop.parked()) == ("completed", [56000], [])
    told = [(row["action"], row["reason"], row["role"]) for row in audit(shop, order.id)]
    assert told == [("retry", "because", "ops")] * 2


def test_edited_it_goes_on_with_the_new_input(shop: Shop) -> None:
    order = refused_by_the_bank(shop)
    assert shop.operate(order.id, "retry", "payment", edit={"entity": "ord_other"}).refused[:2] == (
        409,
        "not_editable",
    )
    assert shop.operate(order.id, "retry", "payment", edit={"method": "card_limit_exceeded"}).ok
    shop.settle()
    assert (order.status, order["payment"]["code"]) == ("cart", "limit_exceeded")
    assert audit(shop, order.id)[-1]["data"]["edit"] == {"method": "card_limit_exceeded"}


def test_skipped_with_evidence_it_goes_on_without_the_effect(shop: Shop) -> None:
    order = refused_by_the_bank(shop)
    unproven = shop.store.post(
        f"/v1/ops/entities/{order.id}/skip", {"step": "payment", "reason": "paid by cheque"}, role="ops"
    )
    assert unproven.status_code == 422
    assert shop.operate(order.id, "skip", "payment", evidence={"reference": "cheque 42"}).ok
    shop.settle()
    assert (order.status, order.charged) == ("completed", [])
    assert audit(shop, order.id)[-1]["data"]["evidence"] == {"reference": "cheque 42"}


def test_compensated_the_order_ends_at_no_charge(shop: Shop) -> None:
    order = refused_by_the_bank(shop)
    assert shop.operate(order.id, "compensate", "payment").ok
    shop.settle()
    assert (order.status, order.charged) == ("cancelled", [])
    assert shop.templates() == ["order_cancelled", "order_processing"]
    assert [row["action"] for row in audit(shop, order.id)] == ["compensate"]


def test_an_operator_parks_a_step_before_its_effect(shop: Shop) -> None:
    order = shop.order("drafting-light")
    for nowhere in ("paymnet", "charge", "payment/1", "mail", "mail/"):
        assert shop.operate(order.id, "park", nowhere).refused[:2] == (422, "unknown_step")
    assert shop.operate(order.id, "park", "payment").ok
    assert shop.operate(order.id, "park", "mail/order-confirmed").ok
    assert order.place().ok
    shop.settle()
    assert (order["waiting_for"], shop.bank.captures(entity=order.id)) == ("operator", [])
    assert shop.operate(order.id, "park", "payment").refused[:2] == (409, "already_parked")
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert (order.charged, "order_confirmed" in shop.templates()) == ([56000], False)
    other = f"accounts@{shop.id}.example.com"
    edit = {"email": other, "name": "Accounts", "language": "en"}
    wrongs: list[dict[str, Any]] = [
        {"email": "a:b@x.com"}, {"name": "\u200b"}, {"language": 7}, {"fields": 5}, {"party": "\u202e"}, {"method": "4242 4242 4242 4242"},
    ]  # fmt: skip
    for each in wrongs:
        wrong = shop.operate(order.id, "retry", "mail/order-confirmed", edit=edit | each)
        assert wrong.refused[:2] == (422, "invalid_request"), each
        assert [found["pointer"] for found in wrong.body["violations"]] == [f"/edit/{key}" for key in each]
    assert shop.operate(order.id, "retry", "mail/order-confirmed", edit=edit).ok
    shop.settle()
    assert (shop.templates(other), "order_confirmed" in shop.templates()) == (["order_confirmed"], False)
    assert order.status == "completed"
    assert [row["action"] for row in audit(shop, order.id)] == ["park", "park", "retry", "retry"]
    assert other not in str(audit(shop, order.id))


def test_a_mail_that_is_refused_for_good_stops_nothing(shop: Shop) -> None:
    shop.mailbox.fail("refuse_554", shop.email, count=3)
    order = shop.order("drafting-light").buy()
    assert (order.status, order.charged) == ("completed", [56000])
    refused = [each for each in order.timeline()["timeline"] if each["event"] == "mail_refused"]
    assert {each["data"]["template"] for each in refused} == {"order_processing", "order_confirmed"}
    assert order["buyer"]["undeliverable"] == "554"
    shop.order("drafting-light").buy()
    assert order.read()["buyer"]["undeliverable"] is None


@pytest.mark.rule("P5", "P8")
def test_what_an_order_stood_still_is_added_to_the_time_to_activate(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=1, code="merchant_suspended")
    assert order.place().ok
    shop.to("2026-04-30 09:00")
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert "mercredi 29 juillet 2026 à 23:59" in shop.prose("contract_ready")
    shop.to("2026-07-29 23:59:59.999999")
    assert order.subscription["activation_by"] == "2026-07-29T22:00:00Z"
    assert order.subscription.start().status == "active"
