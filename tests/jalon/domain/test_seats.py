"""The numbers of seats (X25)."""

from __future__ import annotations

import pytest

from jalon.domain.seats import seat_numbers


@pytest.mark.rule("X25")
@pytest.mark.parametrize(
    ("held", "seat_count", "numbers"),
    [
        ((), 2, [1, 2]),
        ((2,), 2, [1, 2]),
        ((3,), 2, [1, 3]),
        ((1, 5), 3, [1, 2, 5]),
        ((4, 5), 2, [4, 5]),
        ((3, 4, 5), 2, [3, 4, 5]),
    ],
)
def test_a_seat_keeps_its_number_and_free_ones_are_the_lowest_others(
    held: tuple[int, ...], seat_count: int, numbers: list[int]
) -> None:
    assert [*seat_numbers(held, seat_count)] == numbers
