"""The rows of a page of users: free seats in a row are one row, and no seat is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from api.web.portal.user_list import found, page_with, with_free
from api.web.portal.user_models import UserRow
from jalon.domain.projections import SeatState
from tests.browser.user_samples import HELD, MANY


def held(number: int, name: str = "", email: str = "") -> UserRow:
    return UserRow(number, number, SeatState.ASSIGNED, name=name, email=email)


@pytest.mark.parametrize(
    ("taken", "numbers", "shown"),
    [
        ((), range(1, 2), [(1, 1)]),
        ((), range(1, 51), [(1, 50)]),
        ((1,), range(1, 2), [(1, 1)]),
        ((1, 50), range(1, 51), [(1, 1), (2, 49), (50, 50)]),
        ((3,), range(1, 6), [(1, 2), (3, 3), (4, 5)]),
        ((51,), range(51, 61), [(51, 51), (52, 60)]),
        ((2, 9), (1, 2, 3, 9), [(1, 1), (2, 2), (3, 3), (9, 9)]),
        ((9,), (1, 2, 9), [(1, 2), (9, 9)]),
    ],
)
def test_every_seat_of_the_page_is_in_one_row(
    taken: tuple[int, ...], numbers: Sequence[int], shown: list[tuple[int, int]]
) -> None:
    rows = list(with_free([held(number) for number in taken], numbers))
    assert [(each.number, each.last) for each in rows] == shown
    assert [each.number for each in rows if each.state is not SeatState.FREE] == list(taken)


@pytest.mark.parametrize(("number", "page"), [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3), (1000, 20)])
def test_a_page_has_fifty_seats(number: int, page: int) -> None:
    assert page_with(MANY, number) == page


def test_the_page_of_a_seat_is_counted_by_its_place_where_numbers_are_left_out() -> None:
    seats = tuple(replace(HELD[0], number=number) for number in (60, 100))
    fewer = replace(MANY, seat_count=52, seats=seats)
    assert [page_with(fewer, number) for number in (1, 50, 60, 100)] == [1, 1, 2, 2]


def test_a_person_is_found_by_a_part_of_the_name_or_address_in_any_case() -> None:
    rows = [held(1, "Élodie Roy", "elodie@example.com"), held(2), held(3, "Jean", "JEAN@roy.example.com")]
    assert [each.number for each in found(rows, "ROY")] == [1, 3]
    assert [each.number for each in found(rows, "élodie")] == [1]
    assert found(rows, "nobody") == []
