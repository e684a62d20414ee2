"""An order is cancelled while its payment is under way: what the payment turns out to have taken is given back."""

from __future__ import annotations

import pytest

from tests.support.shop import Answer, OpenShop, Order, Shop, eventually


def under_way(shop: Shop, card: str, seconds: float) -> Order:
    """An order whose charge the provider commits only after some seconds."""
    order = shop.order("drafting-light")
    shop.bank.fault("late_commit", match={"entity": order.id}, operation="charge", seconds=seconds)
    assert order.place(card=card).ok
    eventually(lambda: shop.bank.charges(entity=order.id), "the charge under way")
    return order


def kept(order: Order) -> int:
    return sum(each["amount"] - each["refunded"] for each in order.captures)


@pytest.mark.rule("G3")
@pytest.mark.parametrize("card", ["card_ok", "card_declined", "card_3ds"])
def test_a_cancellation_waits_for_the_payment_under_way_and_gives_it_back(
    open_shop: OpenShop, card: str
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = under_way(shop, card, 2)
    cancelled = order.cancel().ok
    assert (cancelled["status"], cancelled["cancel_requested_at"] is not None) == ("cancelled", True)
    shop.settle()
    assert (order.status, kept(order), len(order.captures)) == ("cancelled", 0, int(card == "card_ok"))
    assert {each["status"] for each in shop.bank.charges(entity=order.id)} <= {"succeeded", "declined"}
    assert shop.templates() == ["order_cancelled", "order_processing"]
    assert ("560,00 €" in shop.letter("order_cancelled")["text"]) == (card == "card_ok")
    assert order.cancel().refused[:2] == (409, "entity_closed")


@pytest.mark.rule("G3", "T15")
def test_a_cancellation_that_takes_long_is_answered_202_shown_and_honoured(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = under_way(shop, "card_ok", 12)
    key = "cancel-" + order.id
    body = {"reason": "not needed any more"}
    asked = order.post("cancel", body, key=key)
    status = asked.pending
    assert order["cancel_requested_at"] is not None
    assert order.status == "submitted"
    assert order.cancel().refused[:2] == (409, "order_closed")
    assert order.post("cancel", body, key=key).pending == status

    def applied() -> bool:
        return bool(Answer.of(shop.store.get(status)).ok["state"] == "applied")

    eventually(applied, "the cancellation is applied")
    shop.settle()
    assert (order.status, kept(order), len(order.captures)) == ("cancelled", 0, 1)


@pytest.mark.rule("T15")
@pytest.mark.parametrize("stopped", ["by an operator", "by the provider"])
def test_a_cancellation_of_a_payment_that_stopped_looks_it_up_and_charges_nothing(
    open_shop: OpenShop, stopped: str
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    if stopped == "by an operator":
        assert shop.operate(order.id, "park", "payment").ok
    else:
        shop.bank.fault("refuse_400", match={"entity": order.id})
    assert order.place().ok
    eventually(lambda: shop.parked() or None, "the payment parks")
    assert order.cancel().ok["status"] == "cancelled"
    shop.settle()
    assert (order.status, shop.bank.charges(entity=order.id), shop.parked()) == ("cancelled", [], [])
    assert shop.templates() == ["order_cancelled", "order_processing"]
    assert "order_compensated" not in order.events


@pytest.mark.rule("T15")
@pytest.mark.parametrize("by", ["the buyer", "an operator, then the buyer"])
def test_a_look_up_that_stops_as_well_keeps_nobody_waiting_for_the_answer(
    open_shop: OpenShop, by: str
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    for step in ("payment", "find"):
        assert shop.operate(order.id, "park", step).ok
    assert order.place().ok
    eventually(lambda: shop.parked() or None, "the payment parks")
    if by != "the buyer":
        assert shop.operate(order.id, "compensate", "payment").ok
        eventually(lambda: shop.parked()[0]["step"] == "find", "the look-up parks")
    assert order.cancel().ok["status"] == "cancelled"
    shop.on("P3D")
    assert [each["step"] for each in shop.parked()] == ["find"]
    assert "order_cancelled" not in shop.templates()
    assert shop.operate(order.id, "retry", "find").ok
    shop.settle()
    assert (order.status, shop.bank.charges(entity=order.id), shop.parked()) == ("cancelled", [], [])
    assert shop.templates().count("order_cancelled") == 1
