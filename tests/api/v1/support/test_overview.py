"""What support reads of an order or a subscription while its customer is on the line."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.support.shop import Answer, Entity, OpenShop, instant

INTERNAL = re.compile(
    r"\b(park|held|hold|stall|screen|complian|review|retenu|contrôl|conformit)", re.IGNORECASE
)


def overview(entity: Entity, lang: str = "en", role: str = "support") -> dict[str, Any]:
    """The overview. Whatever the state, its sentence names nothing internal (T6)."""
    path = f"/v1/support/entities/{entity.id}"
    whole = Answer.of(entity.shop.store.get(path, role=role, lang=lang)).ok
    french = Answer.of(entity.shop.store.get(path, role=role, lang="fr")).ok
    for said in (whole["sentence"], french["sentence"]):
        assert INTERNAL.search(said) is None, said
        assert "{" not in said
    assert whole["sentence"] != french["sentence"]
    return whole


def act(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """One action of the overview."""
    (found,) = [each for each in whole["actions"] if each["name"] == name]
    return dict(found)


def waits(whole: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    """What is waited for, whose turn it is, the rule, and until when."""
    wait = whole["waits"]
    assert wait["since"] is not None
    return wait["code"], wait["turn"], wait["rule"], wait["until"]


@pytest.mark.rule("P5")
def test_an_order_is_read_out_from_its_cart_on(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    cart = overview(order)
    assert (
        cart["sentence"]
        == "The order is not placed yet; we keep the basket until Saturday 14 February 2026, 23:59."
    )
    assert waits(cart) == ("buyer_to_place", "customer", None, "2026-02-15T00:00:00+01:00")
    assert (cart["next"]["what"], cart["paid"]["state"], cart["mail"]) == ("cart_reminder", "nothing", None)
    assert cart["cancel"]["possible"]
    assert act(cart, "cancel")["preview"].startswith("The basket is closed.")

    order.buy()
    placed = overview(order)
    said = "The order waits for you to read and activate the contract, until Wednesday 15 April 2026, 23:59."
    assert placed["sentence"] == said
    assert waits(placed) == ("activation", "customer", "P5", "2026-04-16T00:00:00+02:00")
    assert (placed["paid"]["state"], placed["mail"]["state"]) == ("mandate", "accepted")
    assert (placed["mail"]["template"], placed["mail"]["to"]["email"]) == ("contract_ready", shop.email)
    assert [each["kind"] for each in placed["related"]] == ["subscription"]
    assert placed["terms"][0]["policy_hash"] == order["policy_hash"]

    assert overview(order.subscription)["related"][0]["id"] == order.id


@pytest.mark.rule("D15")
def test_a_subscription_from_its_contract_to_its_end_as_support_reads_it_out(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    line = order.subscription
    begun = overview(line)
    assert waits(begun) == ("buyer_open_contract", "customer", "P5", "2026-04-16T00:00:00+02:00")
    assert begun["cancel"] == {
        "possible": True,
        "words": "Yes, with its order: nothing of it is active yet.",
        "until": None,
        "rule": None,
    }
    assert begun["links"]["temporal"].endswith(f"subscription%2F{shop.id}%2F{line.id}")

    line.start()
    assert line.due("order_news") is None
    active = overview(line)
    assert "renews by itself" in active["sentence"]
    assert waits(active)[:3] == ("term_end", "nobody", "G8")
    assert active["next"]["what"] == "renewal_notice"
    assert (active["paid"]["state"], active["paid"]["amount"]) == (
        "captured",
        {"amount": "1200.00", "currency": "EUR"},
    )
    assert active["cancel"]["possible"]
    assert datetime.fromisoformat(active["cancel"]["until"]) == instant(line["stop_by"])
    assert act(active, "stop_renewal")["allowed"]
    assert not act(active, "resume_renewal")["allowed"]
    assert not overview(order)["cancel"]["possible"]
    assert overview(order)["waits"] is None
    assert act(overview(order), "cancel")["why_not"] == "The order is over; there is nothing left to cancel."
    assert order.cancel().codes == {"entity_closed"}

    assert line.post("stop-renewal", {"reason": "asked on the telephone"}, role="support").ok
    audited = Answer.of(
        shop.store.get(f"/v1/support/entities/{line.id}/history", role="support", limit=100)
    ).ok
    acts = {each["what"]: each for each in audited["data"] if each["kind"] == "operator"}
    assert acts["stop_renewal"]["data"]["reason"] == "asked on the telephone"
    stopped = overview(line)
    assert "cancelled already" in stopped["cancel"]["words"]
    assert act(stopped, "resume_renewal")["allowed"]
    shop.to(line.due("term_end"))  # type: ignore[arg-type]
    ended = overview(line)
    assert (ended["status"], ended["waits"], ended["cancel"]["words"]) == ("purged", None, "No: it is over.")
    assert (ended["next"]["words"], ended["mail"]["template"]) == (
        "Nothing more happens by itself.",
        "subscription_ended",
    )


@pytest.mark.rule("T6", "T10")
def test_a_held_and_stopped_order_is_told_to_staff_and_not_to_its_customer(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.place().ok
    shop.settle()
    asked = overview(order)
    assert waits(asked) == ("buyer_certificate", "customer", "T5", "2026-03-17T00:00:00+01:00")
    assert asked["mail"]["template"] == "certificate_requested"
    assert asked["sentence"].startswith("The order waits for your end-use certificate")
    assert order.certify(state_owned=True).ok
    shop.settle()

    held = overview(order)
    assert waits(held)[:2] == ("compliance_review", "compliance")
    assert held["sentence"].startswith(
        "The order is still being processed and takes a little longer than usual;"
    )
    assert act(held, "decide_hold")["why_not"] == "Only keys of these roles may do this: compliance."
    assert act(overview(order, role="compliance"), "decide_hold")["allowed"]
    shop.to("2026-03-05 09:00")
    delayed = overview(order)
    assert [(each["code"], each["turn"], each["rule"]) for each in delayed["also"]] == [
        ("buyer_news", "support", "T10")
    ]
    assert "our support team has it in hand" in delayed["sentence"]

    assert shop.operate(order.id, "park", "payment").ok
    assert order.decide("release").ok
    assert order.decide("release", role="compliance_second").ok
    shop.settle()
    parked = overview(order, role="ops")
    assert waits(parked)[:2] == ("operator", "operator")
    assert [(step["step"], step["stalled"]) for step in parked["stopped"]] == [("payment", False)]
    assert act(parked, "retry")["allowed"]
    assert "“payment”" in act(parked, "retry")["preview"]
    assert not act(overview(order), "retry")["allowed"]
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    paid = overview(order)
    assert (paid["paid"]["state"], paid["money"]["captured"]) == ("captured", paid["money"]["total"])


def test_a_declined_card_says_why_and_an_unknown_entity_is_not_found(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    order = shop.order("survey-office")
    assert order.certify().ok
    order.place(card="card_insufficient_funds")
    shop.settle()
    declined = overview(order)
    assert (declined["paid"]["state"], declined["mail"]["template"]) == ("declined", "payment_failed")
    assert "was declined" in declined["paid"]["words"]
    assert declined["paid"]["code"] is not None
    for path in ("ord_01k00000000000000000000000", "nothing"):
        missing = Answer.of(shop.store.get(f"/v1/support/entities/{path}", role="support"))
        assert missing.status == 404
    assert Answer.of(shop.store.get(f"/v1/support/entities/{order.id}", role="storefront")).status == 403
