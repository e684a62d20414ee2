"""Durations read and write the texts of a store file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.calendar.durations import Duration, Unit


@pytest.mark.rule("G1", "G2", "G5")
@pytest.mark.parametrize(
    ("text", "unit", "count"),
    [
        ("P90D", "days", 90),
        ("P0D", "days", 0),
        ("P2W", "days", 14),
        ("P1M", "months", 1),
        ("P1Y", "months", 12),
        ("P1Y6M", "months", 18),
        ("2BD", "business_days", 2),
        ("PT72H", "seconds", 259_200),
        ("PT1H30M", "seconds", 5_400),
        ("PT20S", "seconds", 20),
    ],
)
def test_reads_each_unit(text: str, unit: Unit, count: int) -> None:
    assert Duration.parse(text) == Duration(unit, count)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1",
        "90D",
        "P-1D",
        "P1.5D",
        "P1DT2H",
        "P1M2D",
        "P1W1D",
        "P2BD",
        "BD",
        "2bd",
        "P9D ",
        "P٣D",
        "P1D\n",
    ],
)
def test_refuses_what_has_two_readings_or_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration: write calendar days \"P90D\""):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("longest", "beyond"), [("P100Y", "P1201M"), ("P36600D", "P36601D"), ("PT878400H", "PT878400H1S")]
)
def test_reaches_a_hundred_years_at_most(longest: str, beyond: str) -> None:
    assert Duration.parse(longest).count > 0
    with pytest.raises(ValueError, match="is longer than a hundred years"):
        Duration.parse(beyond)


def test_is_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        Duration("days", -1)


@given(st.sampled_from(["months", "days", "business_days", "seconds"]), st.integers(0, 1_200))
def test_text_round_trips(unit: Unit, count: int) -> None:
    assert Duration.parse(str(Duration(unit, count))) == Duration(unit, count)


@pytest.mark.parametrize("text", ["P90D", "P1M", "P1Y", "2BD", "PT72H", "PT1H30M", "PT20S", "PT0S"])
def test_writes_what_it_read(text: str) -> None:
    assert str(Duration.parse(text)) == text
