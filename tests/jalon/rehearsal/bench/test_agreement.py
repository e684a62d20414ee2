"""The comparison of two ways finds and names every kind of difference."""

from __future__ import annotations

from collections import Counter

import pytest

from jalon.rehearsal.bench.agreement import FAULTS_TOLD, WHOLE, compare
from jalon.rehearsal.bench.ways import Bought, new_order

LEFT = Counter({f"{sort} of an order": count for sort, count in WHOLE.items()} | {"timeline: cart_opened": 1})


def _orders(count: int) -> list[Bought]:
    return [new_order("spine" if number % 2 == 0 else "plain", number) for number in range(count)]


def test_orders_that_left_the_same_agree() -> None:
    bought = _orders(4)
    agreement = compare({one.id: Counter(LEFT) for one in bought}, bought)
    assert agreement.ok
    assert agreement.orders == 4


@pytest.mark.parametrize("what", sorted(LEFT))
def test_one_missing_thing_is_named(what: str) -> None:
    bought = _orders(3)
    left = {one.id: Counter(LEFT) for one in bought}
    left[bought[1].id][what] -= 1
    assert compare(left, bought).faults == (f"plain {bought[1].id} lacks 1 × {what}",)


def test_what_all_of_them_lack_is_missing_too() -> None:
    bought = _orders(3)
    letters = "letter of an order"
    left = {
        one.id: Counter({what: count for what, count in LEFT.items() if what != letters}) for one in bought
    }
    (fault,) = compare(left, bought).faults
    assert fault.endswith("left 0 × letter, not 3")


def test_a_thing_done_twice_is_named() -> None:
    bought = _orders(2)
    left = {one.id: Counter(LEFT) for one in bought}
    left[bought[1].id]["letter of another order"] += 1
    (fault,) = compare(left, bought).faults
    assert fault.endswith("has 1 × letter of another order too many")


def test_orders_that_left_nothing_do_not_agree() -> None:
    bought = _orders(2)
    assert not compare({}, bought).ok
    assert not compare({}, []).ok


def test_only_the_first_faults_are_told() -> None:
    bought = _orders(50)
    left = {bought[0].id: Counter(LEFT)}
    assert len(compare(left, bought).faults) == FAULTS_TOLD
