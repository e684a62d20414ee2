"""The lanes of a run on several processes name tests that there are."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import TOGETHER

ROOT = Path(__file__).resolve().parent.parent


def test_each_place_of_a_lane_is_there() -> None:
    assert [place for places in TOGETHER.values() for place in places if not (ROOT / place).exists()] == []


def test_no_place_is_in_two_lanes() -> None:
    places = [place for each in TOGETHER.values() for place in each]
    assert [place for place in places if sum(place.startswith(other) for other in places) > 1] == []
