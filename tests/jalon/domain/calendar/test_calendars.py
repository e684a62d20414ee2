"""Where days begin, also where 00:00 is skipped or comes twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.calendar.calendars import Calendar, add_months, utc

PARIS = Calendar("Europe/Paris", frozenset({date(2026, 12, 25)}))
TICK = timedelta(microseconds=1)


@pytest.mark.rule("G1")
@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Paris", date(2026, 3, 29), "2026-03-28T23:00:00Z"),
        ("Europe/Paris", date(2026, 3, 30), "2026-03-29T22:00:00Z"),
        ("Europe/Paris", date(2026, 10, 25), "2026-10-24T22:00:00Z"),
        ("Europe/Paris", date(2026, 10, 26), "2026-10-25T23:00:00Z"),
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00Z"),
        ("Africa/Cairo", date(2026, 10, 30), "2026-10-29T22:00:00Z"),
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00:00Z"),
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00:00Z"),
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T22:00:00Z"),
    ],
)
def test_midnight_is_the_first_instant_of_the_local_day(zone: str, day: date, begins: str) -> None:
    calendar = Calendar(zone)
    midnight = calendar.midnight(day)
    assert midnight == datetime.fromisoformat(begins)
    assert midnight.tzinfo is UTC
    assert calendar.local_date(midnight - TICK) == day - timedelta(days=1)
    assert calendar.local_date(midnight) == calendar.local_date(midnight + TICK) == day


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Havana", "Asia/Beirut"])
def test_these_zones_do_skip_a_midnight(zone: str) -> None:
    calendar = Calendar(zone)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [day for day in days if calendar.local_time(calendar.midnight(day)) == time(1)]


def test_a_skipped_wall_time_moves_on_and_a_repeated_one_is_the_first() -> None:
    assert PARIS.at(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert PARIS.at(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.rule("G5")
def test_business_days_are_weekdays_that_are_no_holidays() -> None:
    week = [date(2026, 12, 21) + timedelta(days=n) for n in range(7)]
    assert [day.day for day in week if PARIS.is_business_day(day)] == [21, 22, 23, 24]


def test_an_instant_without_zone_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    for refuses in (utc, PARIS.local_date, PARIS.local_time):
        with pytest.raises(ValueError, match="has no zone"):
            refuses(naive)


@pytest.mark.rule("G4")
@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_clamp_to_the_months_end(day: date, months: int, result: date) -> None:
    assert add_months(day, months) == result


@given(
    st.sampled_from(
        [
            "Europe/Paris",
            "Africa/Cairo",
            "America/Havana",
            "Asia/Beirut",
            "Asia/Kathmandu",
            "Pacific/Auckland",
        ]
    ),
    st.dates(date(2020, 1, 1), date(2037, 12, 31)),
)
def test_every_midnight_starts_its_own_day(zone: str, day: date) -> None:
    calendar = Calendar(zone)
    assert calendar.local_date(calendar.midnight(day)) == day
    assert calendar.local_date(calendar.midnight(day) - TICK) == day - timedelta(days=1)
