"""The numbers of a subscription's seats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count, islice


def seat_numbers(held: Collection[int], seat_count: int) -> Sequence[int]:
    """The numbers of all seats, in order: those that somebody has, and the lowest others.

    They are 1 to `seat_count`, except after a renewal with fewer seats: whoever stays keeps the number of the seat (X25).
    """
    if all(number <= seat_count for number in held):
        return range(1, seat_count + 1)
    free = (number for number in count(1) if number not in held)
    return sorted([*held, *islice(free, max(seat_count - len(held), 0))])
