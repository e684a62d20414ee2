"""How much of a product one cart may hold (T8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jalon.domain.order import Cart
from jalon.policy.authoring.loader import load_store
from jalon.policy.decisions.placement import check_cart
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import WriteStore
from tests.jalon.policy.decisions.test_carts import found, line


@pytest.mark.rule("T8")
def test_the_self_service_quantity_counts_all_lines_of_a_product(policy: StorePolicy, cart: Cart) -> None:
    assert (
        check_cart(policy, replace(cart, lines=(line(quantity=6), line(quantity=4, kind="floating")))) == []
    )
    over = check_cart(policy, replace(cart, lines=(line(quantity=6), line(quantity=5))))
    assert found(over) == {("quantity_above_self_service", "/lines/1/quantity", "T8")}
    assert "11 of" in over[0].message


@pytest.mark.rule("T8")
def test_a_line_has_at_most_a_thousand_seats_in_any_store(write_store: WriteStore, cart: Cart) -> None:
    free = ("self_service_max_quantity = 10", "self_service_max_quantity = 0")
    policy = load_store(write_store(free, ("seats_per_unit = 5", "seats_per_unit = 500")))

    def fleet(quantity: int) -> Cart:
        return replace(cart, country="US", lines=(line("lens-fleet", quantity),))

    assert check_cart(policy, fleet(2)) == []
    over = check_cart(policy, fleet(3))
    assert found(over) == {("quantity_above_self_service", "/lines/0/quantity", "T8")}
    assert "ask fleet@optics.example.com" in over[0].message
