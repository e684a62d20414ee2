"""Every boundary vector of the rules, a microsecond before, at and after, and across clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import (
    closes_at,
    closes_before_end,
    later,
    reminder_at,
    reminder_before,
    retention_closes_at,
)
from jalon.domain.calendar.durations import Duration

HOLIDAYS = frozenset(
    {date(2026, 11, 11), date(2026, 12, 25), date(2027, 1, 1), date(2026, 5, 1), date(2026, 5, 8)}
)
PARIS = Calendar("Europe/Paris", HOLIDAYS)
TICK = timedelta(microseconds=1)

instant = datetime.fromisoformat
length = Duration.parse


def assert_boundary(closes: datetime, open_at: str, closed_at: str) -> None:
    """Open to the microsecond before `closed_at`, closed from it on."""
    boundary = instant(closed_at)
    assert instant(open_at) < closes
    assert boundary - TICK < closes
    assert not boundary < closes
    assert not boundary + TICK < closes


@pytest.mark.parametrize(
    ("start", "window", "open_at", "closed_at"),
    [
        pytest.param(
            "2026-03-27T12:00+01:00", "PT72H", "2026-03-30T12:59:59+02:00", "2026-03-30T13:00:00+02:00",
            marks=pytest.mark.rule("T2", "G2"), id="T2 in spring",
        ),
        pytest.param(
            "2026-10-23T12:00+02:00", "PT72H", "2026-10-26T10:59:59+01:00", "2026-10-26T11:00:00+01:00",
            marks=pytest.mark.rule("T2", "G2"), id="T2 in autumn",
        ),
        pytest.param(
            "2026-01-15T10:30+01:00", "P90D", "2026-04-15T23:59:59+02:00", "2026-04-16T00:00:00+02:00",
            marks=pytest.mark.rule("P5", "X2", "G1"), id="P5",
        ),
        pytest.param(
            "2026-08-02T23:59:59.999999+02:00", "P90D", "2026-10-31T23:59:59+01:00", "2026-11-01T00:00:00+01:00",
            marks=pytest.mark.rule("P5", "X2", "G1"), id="P5 over 25 October",
        ),
        pytest.param(
            "2026-01-15T00:00+01:00", "P90D", "2026-04-15T23:59:59+02:00", "2026-04-16T00:00:00+02:00",
            marks=pytest.mark.rule("P5", "X2"), id="P5 ordered at the day's first instant",
        ),
        pytest.param(
            "2026-01-14T23:59:59.999999+01:00", "P90D", "2026-04-14T23:59:59+02:00", "2026-04-15T00:00+02:00",
            marks=pytest.mark.rule("P5", "X2"), id="P5 ordered at the last microsecond of the day before",
        ),
        pytest.param(
            "2026-09-01T08:00+02:00", "P60D", "2026-10-31T23:59:59+01:00", "2026-11-01T00:00:00+01:00",
            marks=pytest.mark.rule("H10"), id="H10",
        ),
        pytest.param(
            "2026-11-21T18:00+01:00", "P15D", "2026-12-06T23:59:59+01:00", "2026-12-07T00:00:00+01:00",
            marks=pytest.mark.rule("D11"), id="D11",
        ),
        pytest.param(
            "2026-11-21T18:00+01:00", "2BD", "2026-11-24T23:59:59+01:00", "2026-11-25T00:00:00+01:00",
            marks=pytest.mark.rule("T10", "G5"), id="T10 ordered on a Saturday",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", "2BD", "2026-12-29T23:59:59+01:00", "2026-12-30T00:00:00+01:00",
            marks=pytest.mark.rule("T10", "G5"), id="T10 over Christmas",
        ),
        pytest.param(
            "2026-05-01T10:00+02:00", "2BD", "2026-05-05T23:59:59+02:00", "2026-05-06T00:00:00+02:00",
            marks=pytest.mark.rule("T10", "G5"), id="T10 ordered on a holiday",
        ),
        pytest.param(
            "2026-03-27T10:00+01:00", "2BD", "2026-03-31T23:59:59+02:00", "2026-04-01T00:00:00+02:00",
            marks=pytest.mark.rule("T10", "G5"), id="T10 over 29 March",
        ),
        pytest.param(
            "2026-10-23T10:00+02:00", "2BD", "2026-10-27T23:59:59+01:00", "2026-10-28T00:00:00+01:00",
            marks=pytest.mark.rule("T10", "G5"), id="T10 over 25 October",
        ),
        pytest.param(
            "2026-01-31T10:00+01:00", "P1M", "2026-02-28T23:59:59+01:00", "2026-03-01T00:00:00+01:00",
            marks=pytest.mark.rule("G4"), id="G4 clamps to the end of February",
        ),
        pytest.param(
            "2026-03-28T23:59:59+01:00", "P1D", "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00",
            marks=pytest.mark.rule("G1"), id="a day of 23 hours",
        ),
        pytest.param(
            "2026-10-24T09:00+02:00", "P1D", "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00",
            marks=pytest.mark.rule("G1"), id="a day of 25 hours",
        ),
    ],
)  # fmt: skip
def test_closes_at(start: str, window: str, open_at: str, closed_at: str) -> None:
    assert_boundary(closes_at(instant(start), length(window), PARIS), open_at, closed_at)


@pytest.mark.rule("G1")
@pytest.mark.parametrize(
    ("zone", "start", "closed_at"),
    [
        ("Africa/Cairo", "2026-04-22T12:00+02:00", "2026-04-24T01:00+03:00"),
        ("America/Havana", "2026-03-06T12:00-05:00", "2026-03-08T01:00-04:00"),
        ("America/Havana", "2026-10-30T12:00-04:00", "2026-11-01T00:00-04:00"),
        ("Asia/Beirut", "2026-03-27T12:00+02:00", "2026-03-29T01:00+03:00"),
    ],
)
def test_closes_when_the_day_begins_where_midnight_is_skipped_or_repeated(
    zone: str, start: str, closed_at: str
) -> None:
    closes = closes_at(instant(start), length("P1D"), Calendar(zone))
    last_open = str(instant(closed_at) - TICK)
    assert_boundary(closes, last_open, closed_at)


@pytest.mark.rule("D15", "G1")
@pytest.mark.parametrize(
    ("end", "before", "closed_at"),
    [
        ("2027-01-01T00:00+01:00", "P5D", "2026-12-27T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "P0D", "2027-01-01T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "P1M", "2026-12-01T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "2BD", "2026-12-30T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "PT72H", "2026-12-29T00:00+01:00"),
        ("2026-04-01T00:00+02:00", "P5D", "2026-03-27T00:00+01:00"),
        ("2026-10-28T00:00+01:00", "P5D", "2026-10-23T00:00+02:00"),
        ("2026-03-30T00:00+02:00", "P1D", "2026-03-29T00:00+01:00"),
        ("2026-10-26T00:00+01:00", "P1D", "2026-10-25T00:00+02:00"),
    ],
)
def test_closes_before_end(end: str, before: str, closed_at: str) -> None:
    last_open = str(instant(closed_at) - TICK)
    assert_boundary(closes_before_end(instant(end), length(before), PARIS), last_open, closed_at)


@pytest.mark.rule("X4", "D17")
@pytest.mark.parametrize(
    ("end", "requested_at", "closed_at"),
    [
        ("2027-01-01T00:00+01:00", "2026-12-20T15:00+01:00", "2027-01-04T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "2026-12-17T15:00+01:00", "2027-01-01T00:00+01:00"),
        ("2027-01-01T00:00+01:00", "2026-06-01T15:00+02:00", "2027-01-01T00:00+01:00"),
        ("2027-01-01T00:00+01:00", None, "2027-01-15T00:00+01:00"),
        ("2026-04-01T00:00+02:00", "2026-03-20T15:00+01:00", "2026-04-04T00:00+02:00"),
        ("2026-10-28T00:00+01:00", "2026-10-16T15:00+02:00", "2026-10-31T00:00+01:00"),
    ],
)
def test_retention_ends_at_the_later_of_term_and_request(
    end: str, requested_at: str | None, closed_at: str
) -> None:
    requested = instant(requested_at) if requested_at else None
    closes = retention_closes_at(instant(end), requested, length("P14D"), PARIS)
    assert_boundary(closes, str(instant(closed_at) - TICK), closed_at)


@pytest.mark.rule("G1", "G2")
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("P30D", "2026-02-14T09:00+01:00"),
        ("P83D", "2026-04-08T09:00+02:00"),
        ("PT2H", "2026-01-15T12:30+01:00"),
        ("P0D", "2026-01-15T10:30+01:00"),
    ],
)
def test_reminder_after_a_start(after: str, expected: str) -> None:
    assert reminder_at(instant("2026-01-15T10:30+01:00"), length(after), PARIS) == instant(expected)


@pytest.mark.rule("G1", "G2")
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("P7D", "2026-12-19T09:00+01:00"),
        ("P0D", "2026-12-26T09:00+01:00"),
        ("P1M", "2026-11-26T09:00+01:00"),
        ("PT24H", "2026-12-26T00:00+01:00"),
    ],
)
def test_reminder_before_a_closing(before: str, expected: str) -> None:
    assert reminder_before(instant("2026-12-27T00:00+01:00"), length(before), PARIS) == instant(expected)


def test_later_is_the_latest_in_utc() -> None:
    paris, utc = instant("2026-01-01T01:00+01:00"), instant("2026-01-01T00:30+00:00")
    assert later(paris, utc) == utc
    assert later(paris) == instant("2026-01-01T00:00+00:00")


INSTANTS = st.integers(0, 16 * 366 * 86_400_000_000).map(
    lambda us: datetime(2020, 1, 1, tzinfo=UTC) + us * TICK
)
DURATIONS = st.builds(
    Duration, st.sampled_from(["months", "days", "business_days", "seconds"]), st.integers(0, 120)
)
CALENDARS = st.sampled_from(
    [PARIS, *map(Calendar, ["Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Auckland"])]
)


@given(INSTANTS, INSTANTS, DURATIONS, CALENDARS)
def test_a_later_start_never_closes_earlier(
    one: datetime, other: datetime, d: Duration, cal: Calendar
) -> None:
    first, second = sorted((one, other))
    assert closes_at(first, d, cal) <= closes_at(second, d, cal)


@given(INSTANTS, st.integers(0, 120), DURATIONS, CALENDARS)
def test_a_longer_window_never_closes_earlier(start: datetime, more: int, d: Duration, cal: Calendar) -> None:
    longer = Duration(d.unit, d.count + more)
    assert start <= closes_at(start, d, cal) <= closes_at(start, longer, cal)
    assert (
        closes_before_end(start, longer, cal)
        <= closes_before_end(start, d, cal)
        <= cal.midnight(cal.local_date(start) + timedelta(days=1))
    )


@given(INSTANTS, st.none() | INSTANTS, DURATIONS, CALENDARS)
def test_data_never_goes_before_the_term_ends(
    end: datetime, requested_at: datetime | None, d: Duration, cal: Calendar
) -> None:
    assert retention_closes_at(end, requested_at, d, cal) >= end
