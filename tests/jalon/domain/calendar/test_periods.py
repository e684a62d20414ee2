"""Terms tile: one ends where the next begins, counted from the original anchor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds

PARIS = Calendar("Europe/Paris")

instant = datetime.fromisoformat
length = Duration.parse


def starts(anchor: str, term: str, count: int) -> list[date]:
    return [PARIS.local_date(term_bounds(instant(anchor), length(term), n, PARIS)[0]) for n in range(count)]


@pytest.mark.rule("G4")
@pytest.mark.parametrize(
    ("anchor", "term", "days"),
    [
        (
            "2026-01-31T10:30+01:00",
            "P1M",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"],
        ),
        (
            "2028-02-29T10:30+01:00",
            "P1Y",
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
        ("2026-11-29T10:30+01:00", "P3M", ["2026-11-29", "2027-02-28", "2027-05-29", "2027-08-29"]),
        ("2026-11-30T10:30+01:00", "P3M", ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"]),
        ("2026-08-31T10:30+02:00", "P3M", ["2026-08-31", "2026-11-30", "2027-02-28", "2027-05-31"]),
        ("2026-01-01T10:30+01:00", "P30D", ["2026-01-01", "2026-01-31", "2026-03-02"]),
    ],
)
def test_terms_are_counted_from_the_original_anchor(anchor: str, term: str, days: list[str]) -> None:
    assert starts(anchor, term, len(days)) == [date.fromisoformat(day) for day in days]


@pytest.mark.rule("G4")
def test_the_first_term_starts_at_the_anchors_instant_and_later_ones_at_midnight() -> None:
    first = term_bounds(instant("2026-03-15T10:30+01:00"), length("P1M"), 0, PARIS)
    second = term_bounds(instant("2026-03-15T10:30+01:00"), length("P1M"), 1, PARIS)
    assert first == (instant("2026-03-15T10:30+01:00"), instant("2026-04-15T00:00+02:00"))
    assert second == (instant("2026-04-15T00:00+02:00"), instant("2026-05-15T00:00+02:00"))
    assert first[0].tzinfo is UTC


def test_a_quarter_holds_its_calendar_days() -> None:
    start, end = term_bounds(instant("2026-04-01T00:00+02:00"), length("P3M"), 0, PARIS)
    assert (PARIS.local_date(end) - PARIS.local_date(start)).days == 91


def test_elapsed_terms_keep_their_instant() -> None:
    bounds = term_bounds(instant("2026-03-28T10:30+01:00"), length("PT24H"), 1, PARIS)
    assert bounds == (instant("2026-03-29T11:30+02:00"), instant("2026-03-30T11:30+02:00"))


@pytest.mark.parametrize(("term", "number"), [("P1M", -1), ("P0D", 0), ("5BD", 0)])
def test_what_is_no_term_is_refused(term: str, number: int) -> None:
    with pytest.raises(ValueError, match="term"):
        term_bounds(instant("2026-01-01T00:00+01:00"), length(term), number, PARIS)


ANCHORS = st.integers(0, 6 * 366 * 86_400).map(
    lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
LENGTHS = st.builds(Duration, st.sampled_from(["months", "days", "seconds"]), st.integers(1, 36))
CALENDARS = st.sampled_from(
    [PARIS, *map(Calendar, ["Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Auckland"])]
)


@pytest.mark.rule("G4")
@given(ANCHORS, LENGTHS, st.integers(0, 40), CALENDARS)
def test_terms_tile(anchor: datetime, term: Duration, number: int, cal: Calendar) -> None:
    start, end = term_bounds(anchor, term, number, cal)
    assert start < end
    assert end == term_bounds(anchor, term, number + 1, cal)[0]
    assert term_bounds(anchor, term, 0, cal)[0] == anchor
