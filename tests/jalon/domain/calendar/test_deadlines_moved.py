"""Deadlines that move: by our downtime, by a parked step, and by waiting for the customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import (
    closes_at,
    extended_by_downtime,
    extended_by_parking,
    news_closes_at,
)
from jalon.domain.calendar.durations import Duration

PARIS = Calendar("Europe/Paris", frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
TICK = timedelta(microseconds=1)

instant = datetime.fromisoformat
length = Duration.parse


def spans(*pairs: tuple[str, str]) -> list[tuple[datetime, datetime]]:
    return [(instant(since), instant(until)) for since, until in pairs]


CLOSES = "2026-04-16T00:00:00+02:00"


@pytest.mark.rule("G7")
@pytest.mark.parametrize(
    ("outages", "moved_to"),
    [
        ([("2026-04-15T23:50+02:00", "2026-04-16T00:10+02:00")], "2026-04-17T00:00+02:00"),
        ([("2026-04-15T23:58+02:00", "2026-04-16T00:03+02:00")], CLOSES),
        ([("2026-04-15T23:58+02:00", "2026-04-16T00:03:00.000001+02:00")], "2026-04-17T00:00+02:00"),
        ([("2026-04-15T23:50+02:00", "2026-04-16T00:00+02:00")], "2026-04-17T00:00+02:00"),
        ([("2026-04-15T23:50+02:00", "2026-04-15T23:59:59.999999+02:00")], CLOSES),
        ([("2026-04-16T00:00+02:00", "2026-04-16T01:00+02:00")], "2026-04-17T00:00+02:00"),
        ([("2026-04-16T00:00:00.000001+02:00", "2026-04-16T01:00+02:00")], CLOSES),
        ([("2026-04-15T12:00+02:00", "2026-04-15T20:00+02:00")], CLOSES),
        ([("2026-04-15T20:00+02:00", "2026-04-15T23:59:59.999999+02:00")], CLOSES),
        ([("2026-04-16T00:00:00.000001+02:00", "2026-04-16T09:00+02:00")], CLOSES),
        ([("2026-04-15T23:00+02:00", "2026-04-18T12:00+02:00")], "2026-04-19T00:00+02:00"),
        (
            [
                ("2026-04-16T23:30+02:00", "2026-04-17T00:30+02:00"),
                ("2026-04-15T23:30+02:00", "2026-04-16T00:30+02:00"),
            ],
            "2026-04-18T00:00+02:00",
        ),
        (
            [
                ("2026-04-15T23:57+02:00", "2026-04-16T00:01+02:00"),
                ("2026-04-16T00:01+02:00", "2026-04-16T00:04+02:00"),
            ],
            "2026-04-17T00:00+02:00",
        ),
        ([], CLOSES),
    ],
)
def test_downtime_moves_a_closing_to_the_end_of_the_next_day(
    outages: list[tuple[str, str]], moved_to: str
) -> None:
    assert extended_by_downtime(instant(CLOSES), spans(*outages), PARIS) == instant(moved_to)


@pytest.mark.rule("G7")
def test_downtime_moves_an_elapsed_closing_to_the_end_of_the_next_day_over_a_clock_change() -> None:
    outage = spans(("2026-03-28T12:00+01:00", "2026-03-28T14:00+01:00"))
    moved = extended_by_downtime(instant("2026-03-28T13:00+01:00"), outage, PARIS)
    assert moved == instant("2026-03-30T00:00+02:00")


@pytest.mark.parametrize(
    ("closes", "parked_for", "moved_to"),
    [
        (CLOSES, timedelta(0), CLOSES),
        (CLOSES, TICK, "2026-04-17T00:00+02:00"),
        (CLOSES, timedelta(days=1), "2026-04-17T00:00+02:00"),
        (CLOSES, timedelta(days=1) + TICK, "2026-04-18T00:00+02:00"),
        ("2026-03-28T13:00+01:00", timedelta(hours=3), "2026-03-29T13:00+02:00"),
        ("2026-10-24T13:00+02:00", timedelta(hours=3), "2026-10-25T13:00+01:00"),
    ],
)
def test_parked_time_is_given_back_in_whole_days(closes: str, parked_for: timedelta, moved_to: str) -> None:
    assert extended_by_parking(instant(closes), parked_for, PARIS) == instant(moved_to)


def test_a_closing_at_a_skipped_midnight_moves_to_the_next_real_one() -> None:
    cairo = Calendar("Africa/Cairo")
    moved = extended_by_parking(cairo.midnight(date(2026, 4, 24)), timedelta(hours=1), cairo)
    assert moved == cairo.midnight(date(2026, 4, 25)) == instant("2026-04-25T00:00+03:00")


def test_time_parked_is_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        extended_by_parking(instant(CLOSES), -TICK, PARIS)


@pytest.mark.rule("T10", "G5")
@pytest.mark.parametrize(
    ("ordered_at", "waits", "closed_at"),
    [
        pytest.param("2026-12-24T10:00+01:00", [], "2026-12-30T00:00+01:00", id="no wait"),
        pytest.param("2026-11-21T10:00+01:00", [], "2026-11-25T00:00+01:00", id="a Saturday, no wait"),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-28T09:00+01:00", "2026-12-28T10:00+01:00")],
            "2026-12-31T00:00+01:00", id="an hour of a day takes that day",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-24T11:00+01:00", "2026-12-29T10:00+01:00")],
            "2027-01-01T00:00+01:00", id="Thursday to Tuesday: Wednesday and Thursday count",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-29T23:59+01:00", "2026-12-30T00:01+01:00")],
            "2027-01-01T00:00+01:00", id="two minutes round midnight take both days",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-24T11:00+01:00", "2026-12-28T00:00+01:00")],
            "2026-12-30T00:00+01:00", id="over before the first business day",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-24T11:00+01:00", "2026-12-28T00:00:00.000001+01:00")],
            "2026-12-31T00:00+01:00", id="a microsecond into the first business day",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-30T00:00+01:00", "2027-01-04T10:00+01:00")],
            "2026-12-30T00:00+01:00", id="after the closing",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-29T09:00+01:00", "2026-12-29T09:00+01:00")],
            "2026-12-30T00:00+01:00", id="no time at all",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00",
            [
                ("2026-12-28T09:00+01:00", "2026-12-28T10:00+01:00"),
                ("2026-12-30T09:00+01:00", "2026-12-30T10:00+01:00"),
            ],
            "2027-01-01T00:00+01:00", id="two waits",
        ),
        pytest.param(
            "2026-12-24T10:00+01:00", [("2026-12-28T09:00+01:00", "2026-12-31T10:00+01:00")],
            "2027-01-06T00:00+01:00", id="over New Year",
        ),
    ],
)  # fmt: skip
def test_waiting_for_the_customer_stops_the_news_clock(
    ordered_at: str, waits: list[tuple[str, str]], closed_at: str
) -> None:
    closes = news_closes_at(instant(ordered_at), length("2BD"), PARIS, spans(*waits))
    assert closes - TICK < instant(closed_at) == closes < closes + TICK


@pytest.mark.rule("T10")
def test_an_elapsed_news_window_is_moved_on_by_the_time_waited() -> None:
    waits = spans(
        ("2026-12-24T08:00+01:00", "2026-12-24T12:00+01:00"),
        ("2026-12-24T11:00+01:00", "2026-12-24T13:00+01:00"),
        ("2026-12-26T12:00+01:00", "2026-12-26T15:00+01:00"),
        ("2027-01-05T12:00+01:00", "2027-01-05T17:00+01:00"),
    )
    closes = news_closes_at(instant("2026-12-24T10:00+01:00"), length("PT48H"), PARIS, waits)
    assert closes == instant("2026-12-26T16:00+01:00")


@pytest.mark.rule("T10")
def test_calendar_days_waited_do_not_count_and_months_are_refused() -> None:
    ordered_at, waits = (
        instant("2026-12-24T10:00+01:00"),
        spans(("2026-12-25T09:00+01:00", "2026-12-25T10:00+01:00")),
    )
    assert news_closes_at(ordered_at, length("P2D"), PARIS, waits) == instant("2026-12-28T00:00+01:00")
    with pytest.raises(ValueError, match="P1M cannot be stopped"):
        news_closes_at(ordered_at, length("P1M"), PARIS, waits)


MOMENTS = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS).map(lambda pair: (min(pair), max(pair))), max_size=5)
CALENDARS = st.sampled_from(
    [PARIS, Calendar("Africa/Cairo"), Calendar("America/Havana"), Calendar("Asia/Beirut")]
)


@given(MOMENTS, SPANS, CALENDARS)
def test_downtime_never_shortens_and_leaves_no_closing_in_a_long_outage(
    closes: datetime, outages: list[tuple[datetime, datetime]], cal: Calendar
) -> None:
    moved = extended_by_downtime(closes, outages, cal)
    assert moved >= closes
    assert not any(down <= moved < up and up - down > timedelta(minutes=5) for down, up in outages)
    assert extended_by_downtime(moved, outages, cal) == moved


@given(MOMENTS, MOMENTS, MOMENTS, CALENDARS)
def test_downtime_moves_a_closing_day_by_day_until_it_is_over(
    closes: datetime, one: datetime, other: datetime, cal: Calendar
) -> None:
    down, up = min(one, other), max(one, other)
    stepped = closes
    while up - down > timedelta(minutes=5) and down <= stepped <= up:
        stepped = cal.midnight(cal.local_date(stepped - TICK) + timedelta(days=2))
    assert extended_by_downtime(closes, [(down, up)], cal) == stepped


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), CALENDARS)
def test_parking_gives_back_at_least_the_local_days_parked(
    closes: datetime, parked_for: timedelta, cal: Calendar
) -> None:
    moved = extended_by_parking(closes, parked_for, cal)
    days = (cal.local_date(moved) - cal.local_date(closes)).days
    assert timedelta(days=days) - parked_for >= timedelta(0)
    assert moved >= closes


@given(MOMENTS, SPANS, st.sampled_from(["2BD", "P2D", "PT48H"]), CALENDARS)
def test_waiting_never_brings_the_news_forward(
    ordered_at: datetime, waits: list[tuple[datetime, datetime]], window: str, cal: Calendar
) -> None:
    assert news_closes_at(ordered_at, length(window), cal, waits) >= closes_at(
        ordered_at, length(window), cal
    )
    assert news_closes_at(ordered_at, length(window), cal, []) == closes_at(ordered_at, length(window), cal)
