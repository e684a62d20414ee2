"""The rows of a page of users: free seats in a row are one row, and no seat is left out."""

from __future__ import annotations

import pytest

from api.web.portal.user_list import found, page_of, with_free
from api.web.portal.user_models import UserRow
from jalon.domain.projections import SeatState


def held(number: int, name: str = "", email: str = "") -> UserRow:
    return UserRow(number, number, SeatState.ASSIGNED, name=name, email=email)


@pytest.mark.parametrize(
    ("taken", "first", "last", "shown"),
    [
        ((), 1, 1, [(1, 1)]),
        ((), 1, 50, [(1, 50)]),
        ((1,), 1, 1, [(1, 1)]),
        ((1, 50), 1, 50, [(1, 1), (2, 49), (50, 50)]),
        ((3,), 1, 5, [(1, 2), (3, 3), (4, 5)]),
        ((51,), 51, 60, [(51, 51), (52, 60)]),
    ],
)
def test_every_seat_of_the_page_is_in_one_row(
    taken: tuple[int, ...], first: int, last: int, shown: list[tuple[int, int]]
) -> None:
    rows = list(with_free([held(number) for number in taken], first, last))
    assert [(each.number, each.last) for each in rows] == shown
    assert [each.number for each in rows if each.state is not SeatState.FREE] == list(taken)


@pytest.mark.parametrize(("number", "page"), [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3), (1000, 20)])
def test_a_page_has_fifty_seats(number: int, page: int) -> None:
    assert page_of(number) == page


def test_a_person_is_found_by_a_part_of_the_name_or_address_in_any_case() -> None:
    rows = [held(1, "Élodie Roy", "elodie@example.com"), held(2), held(3, "Jean", "JEAN@roy.example.com")]
    assert [each.number for each in found(rows, "ROY")] == [1, 3]
    assert [each.number for each in found(rows, "élodie")] == [1]
    assert found(rows, "nobody") == []
