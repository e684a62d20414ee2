"""An emergency stop of charges or e-mail: nothing leaves, nothing parks, no deadline punishes, and each goes on once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from jalon.client import operations
from tests.end_to_end.test_parking import audit
from tests.support.shop import Answer, OpenShop, Order, Shop, at, eventually
from tests.support.temporal import client_of, workflow_id


def stop(shop: Shop, what: str, *, stopped: bool, role: str = "ops", key: str | None = None) -> Answer:
    call = operations.change_stop(shop.id, what, "INC-7", stopped=stopped)  # type: ignore[arg-type]
    return Answer.of(shop.store.api(role).try_once(call.under(key)))


def standing(shop: Shop) -> list[str]:
    """What the store's list says is stopped."""
    found = Answer.of(shop.store.get("/v1/ops/stops", role="support", store=shop.id)).ok["data"]
    return [each["what"] for each in found if each["stopped"]]


async def halted(entity: Order) -> tuple[list[dict[str, Any]], int]:
    """What the workflow itself says that a stop holds, and the length of its history."""
    handle = (await client_of(entity.shop.machine)).get_workflow_handle(workflow_id(entity))
    view = await handle.query("view")
    return view["halted"], (await handle.describe()).history_length


async def test_while_charges_are_stopped_nothing_is_taken_and_then_each_once(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    assert stop(shop, "charges", stopped=True, role="support").refused[:2] == (403, "role_not_allowed")
    key = str(uuid.uuid4())
    first, again = (stop(shop, "charges", stopped=True, key=key) for _ in range(2))
    assert first.ok == again.ok
    assert (first.ok["actor"], first.ok["reason"], standing(shop)) == ("Octave Ops", "INC-7", ["charges"])
    orders = [shop.order("drafting-light") for _ in range(3)]
    for order in orders:
        assert order.place().ok
    shop.on("P3D")
    assert [(order.status, order["waiting_for"]) for order in orders] == [("submitted", "payment")] * 3
    (held,), before = await halted(orders[0])
    assert (held["step"], held["stop"], held["since"][:10]) == ("payment", "charges", "2026-03-02")
    assert orders[2].cancel().ok
    assert orders[2].status == "cancelled"
    shop.on("P1D")
    _, after = await halted(orders[0])
    assert after - before < 40
    assert (shop.parked(), shop.bank.charges(store=shop.id)) == ([], [])
    assert not stop(shop, "charges", stopped=False, role="admin").ok["stopped"]
    eventually(lambda: all(order.status == "completed" for order in orders[:2]) or None, "both go on")
    shop.settle()
    assert [order.charged for order in orders] == [[56000], [56000], []]
    assert (standing(shop), shop.parked()) == ([], [])
    told = [
        (row["action"], row["data"]["before"], row["data"]["after"])
        for row in audit(shop, f"stop/{shop.id}/charges")
    ]
    assert told == [
        ("stop", {"stopped": False}, {"stopped": True}),
        ("lift_stop", {"stopped": True}, {"stopped": False}),
    ]


@pytest.mark.rule("P5")
def test_while_mail_is_stopped_none_leaves_no_window_closes_and_then_each_leaves_once(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    assert stop(shop, "mail", stopped=True).ok
    order = shop.order("anchor-design-premium")
    assert order.place().ok
    shop.to("2026-04-30 09:00")
    subscription = order.subscription
    assert (shop.templates(), subscription.status) == ([], "pending_activation")
    (window,) = [each for each in subscription["agenda"] if each["what"] == "activation_window"]
    assert window["held"]
    assert stop(shop, "mail", stopped=False).ok
    eventually(lambda: shop.mails("contract_ready") or None, "the contract leaves")
    eventually(
        lambda: None if subscription.read()["activation_by"] == "2026-04-15T22:00:00Z" else True,
        "the window moves",
    )
    shop.settle()
    assert subscription["activation_by"] == "2026-07-29T22:00:00Z"
    assert len(shop.mails("contract_ready")) == 1
    assert shop.parked() == []
    assert subscription.start().status == "active"
    assert len(subscription.charged) == 1


@pytest.mark.rule("X3")
def test_another_card_that_is_declined_after_a_stop_leaves_the_time_that_the_stop_took(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy(card="card_insufficient_funds").subscription
    shop.to("2026-04-15 10:00")
    subscription.start()
    assert subscription.due("recovery") == at("2026-04-23 00:00")
    shop.to("2026-04-17 10:00")
    assert stop(shop, "charges", stopped=True).ok
    assert subscription.pay_with("card_insufficient_funds").ok
    shop.to("2026-04-25 09:00")
    assert (subscription.status, subscription["waiting_for"]) == ("pending_activation", "payment")
    assert stop(shop, "charges", stopped=False).ok
    eventually(lambda: shop.templates().count("payment_failed") == 2 or None, "the card is declined")
    shop.settle()
    assert subscription.due("recovery") == at("2026-05-01 00:00")
    assert subscription.pay_with("card_ok").ok
    shop.settle()
    assert (subscription.status, subscription.charged) == ("active", [120000])
