"""Different writes at once on one order: each is answered by what became of it, none by a fault of the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.support.shop import Answer, OpenShop

AT_ONCE = 9


def test_nine_changes_at_once_are_all_answered(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    order = shop.order("anchor-design-premium")

    def change(quantity: int) -> Answer:
        line = {"sku": "anchor-design-premium", "quantity": quantity, "term": "P1Y"}
        return Answer.of(shop.store.patch(order.url, {"lines": [line]}))

    for _ in range(3):
        with ThreadPoolExecutor(AT_ONCE) as callers:
            answers = list(callers.map(change, range(1, AT_ONCE + 1)))
        assert {answer.status for answer in answers} == {200}
        assert order["lines"][0]["quantity"] in range(1, AT_ONCE + 1)
    assert order.events.count("cart_changed") == 3 * AT_ONCE
