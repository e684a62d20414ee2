"""Temporal is stopped: writes are still recorded, answered 202, and applied as of their receipt (G3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from jalon.local.machine import Machine
from tests.support.shop import Answer, OpenShop, Order, Shop, eventually


@pytest.fixture
def without_temporal(machine: Machine) -> Iterator[None]:
    """Temporal is stopped, and started again at the latest when the test ends."""
    machine.stop("temporal")
    yield
    machine.start("temporal")
    machine.wait_ready("worker")


def became(shop: Shop, url: str) -> dict[str, object]:
    """The outcome of a request, once it is settled."""

    def settled() -> dict[str, object] | None:
        asked = Answer.of(shop.store.get(url)).ok
        return None if asked["state"] == "pending" else asked

    return eventually(settled, "the request is settled", within=60)


@pytest.mark.rule("G3", "T15")
@pytest.mark.timeout(300)
def test_an_order_is_received_while_the_engine_is_away(
    open_shop: OpenShop, machine: Machine, without_temporal: None
) -> None:
    shop, key = open_shop("fastening"), str(uuid.uuid4())
    opened = shop.open("anchor-design-premium", key=key)
    assert opened.pending.startswith("/v1/requests/req_")
    again = shop.open("anchor-design-premium", key=key)
    assert (again.status, again.body) == (202, opened.body)
    machine.stop("api")
    machine.start("api")
    assert opened.body["entity"] == opened.body["order"]
    order = Order(shop, opened.body["order"])
    assert Answer.of(shop.store.get(order.url)).refused[:2] == (409, "not_yet_open")
    assert order.cancel().status == 202
    assert shop.store.get(opened.pending).json()["state"] == "pending"
    machine.start("temporal")
    applied = became(shop, opened.pending)
    assert (applied["state"], applied["entity"], applied["order"]) == ("applied", order.id, order.id)
    eventually(
        lambda: order.status == "cancelled" or None, "the later write was heard after the first", within=60
    )
    assert (shop.open("anchor-design-premium", key=key).status) == 202


@pytest.mark.rule("T15")
@pytest.mark.timeout(300)
def test_without_a_database_nothing_is_received_and_the_way_out_is_told(
    open_shop: OpenShop, machine: Machine
) -> None:
    shop, key = open_shop("fastening"), str(uuid.uuid4())

    def answered(status: int) -> Answer:
        def ask() -> Answer | None:
            answer = shop.open("anchor-design-premium", key=key)
            return answer if answer.status == status else None

        return eventually(ask, f"the order is answered {status}")

    machine.stop("postgres")
    try:
        problem = answered(503).body
    finally:
        machine.start("postgres")
        machine.wait_ready("api")
    assert (problem["code"], problem["rule"]) == ("database_unreachable", "T15")
    assert "same Idempotency-Key" in problem["detail"]
    assert answered(201).ok["id"]


@pytest.mark.rule("P5", "G3")
@pytest.mark.timeout(300)
def test_a_step_after_the_end_is_refused_alike_by_the_api_and_later_by_the_relay(
    open_shop: OpenShop, machine: Machine
) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy().subscription
    shop.to("2026-04-16 00:00")
    at_once = subscription.activate().body["violations"]
    machine.stop("temporal")
    try:
        pending = subscription.activate().pending
    finally:
        machine.start("temporal")
        machine.wait_ready("worker")
    later = became(shop, pending)
    assert (later["state"], later["violations"]) == ("refused", at_once)
    assert [(each["code"], each["rule"]) for each in at_once] == [("activation_window_closed", "P5")]
