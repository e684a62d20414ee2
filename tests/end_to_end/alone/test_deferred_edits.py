"""Edits of a cart that wait for a worker."""

from __future__ import annotations

from jalon.local.machine import Machine
from tests.support.shop import Answer, OpenShop, eventually


def test_two_edits_of_a_cart_merge(open_shop: OpenShop, machine: Machine) -> None:
    """Neither edit undoes the other, although the second was written before the first was applied."""
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    machine.stop("worker")
    lines = {"lines": [{"sku": "drafting-light", "quantity": 3, "term": "P1Y", "licence_kind": "individual"}]}
    deferred = [Answer.of(shop.store.patch(order.url, body)) for body in (lines, {"country": "BE"})]
    assert [answer.status for answer in deferred] == [202, 202]
    machine.start("worker")
    eventually(lambda: order["country"] == "BE", "the second edit")
    assert (order["lines"][0]["quantity"], order["total"]["amount"]) == (3, "1680.00")
