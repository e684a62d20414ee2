"""When things close: instants in UTC, and a period is open while `stamp < closes_at` (G1-G5, G7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from jalon.domain.calendar.calendars import Calendar, add_months, utc
from jalon.domain.calendar.durations import Duration

Interval = tuple[datetime, datetime]

MORNING = time(9)
OUTAGE_TOLERATED = timedelta(minutes=5)

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


def closes_at(start: datetime, d: Duration, cal: Calendar) -> datetime:
    """The first closed instant of a period begun at `start`: day n is open to its last moment (G1-G5)."""
    if d.unit == "seconds":
        return utc(start) + timedelta(seconds=d.count)
    return cal.midnight(_days_on(cal.local_date(start), d, cal) + _DAY)


def closes_before_end(end: datetime, d: Duration, cal: Calendar) -> datetime:
    """The first closed instant of what is open until `d` before an end: last day - n is open (D15)."""
    if d.unit == "seconds":
        return utc(end) - timedelta(seconds=d.count)
    return cal.midnight(_days_back(_last_day(end, cal), d, cal) + _DAY)


def later(first: datetime, *others: datetime) -> datetime:
    """The latest of some instants."""
    return max(utc(instant) for instant in (first, *others))


def refusal_closes_at(
    at: datetime, stop_by: datetime, lead: Duration, cal: Calendar, *, strict: bool
) -> datetime:
    """The first instant at which whoever got a notice at `at` can no longer refuse the renewal (C1, X16).

    That is the cutoff where the notice left before it; later, `lead` after the notice. A `strict` notice has to leave that much before.
    """
    counted = closes_at(at, lead, cal)
    return stop_by if at < stop_by and not (strict and counted > stop_by) else counted


def retention_closes_at(
    term_end: datetime, requested_at: datetime | None, d: Duration, cal: Calendar
) -> datetime:
    """When data goes: the later of the term's end and request + `d`; unasked, last day + `d` (D17, X4)."""
    counted_from = term_end - _TICK if requested_at is None else requested_at
    return later(term_end, closes_at(counted_from, d, cal))


def reminder_at(start: datetime, d: Duration, cal: Calendar, at: time = MORNING) -> datetime:
    """`d` after `start`: that local day at the wall time `at`, or elapsed; never before `start` itself."""
    if d.unit == "seconds":
        return closes_at(start, d, cal)
    return later(start, cal.at(_days_on(cal.local_date(start), d, cal), at))


def reminder_before(closes: datetime, d: Duration, cal: Calendar, at: time = MORNING) -> datetime:
    """`d` before a closing: (last open day - n) at the wall time `at`, or elapsed."""
    if d.unit == "seconds":
        return closes_before_end(closes, d, cal)
    return cal.at(_days_back(_last_day(closes, cal), d, cal), at)


def news_closes_at(ordered_at: datetime, d: Duration, cal: Calendar, waits: Sequence[Interval]) -> datetime:
    """T10: the end of the n-th day not spent, even in part, waiting for the customer.

    `waits` are half-open and over. A window in elapsed time is moved on by the time waited; one in months is
    refused with ValueError.
    """
    if d.unit == "months":
        raise ValueError(
            f"{d} cannot be stopped while waiting: write the news window in days, business days or hours"
        )
    if d.unit == "seconds":
        return _moved_on_by(waits, closes_at(ordered_at, d, cal), utc(ordered_at))

    def counts(day: date) -> bool:
        begins, ends = cal.midnight(day), cal.midnight(day + _DAY)
        waited = any(max(since, begins) < min(until, ends) for since, until in waits)
        return not waited and (d.unit == "days" or cal.is_business_day(day))

    return cal.midnight(_nth_day(cal.local_date(ordered_at), d.count, _DAY, counts) + _DAY)


def extended_by_downtime(closes: datetime, outages: Sequence[Interval], cal: Calendar) -> datetime:
    """G7: a closing met by an outage of over 5 minutes moves to the end of the next day, until it meets none.

    Outages are half-open `[down, up)`; those that touch or overlap are one. The last open microsecond
    counts too, so an outage that ends exactly at the closing still moves it.
    """
    moved = utc(closes)
    for down, up in _merged(outages):
        if up - down > OUTAGE_TOLERATED and down <= moved <= up:
            end_of_next_day = cal.midnight(_last_day(moved, cal) + 2 * _DAY)
            moved = max(end_of_next_day, cal.midnight(cal.local_date(up) + _DAY))
    return moved


def extended_by_parking(closes: datetime, parked_for: timedelta, cal: Calendar) -> datetime:
    """The closing moved on by the parked time rounded up to whole local days, at the same wall time."""
    if parked_for < timedelta(0):
        raise ValueError(f"parked for {parked_for}: time parked is never negative")
    days = -(-parked_for // _DAY) * _DAY
    if not days:
        return utc(closes)
    day = cal.local_date(closes)
    if cal.midnight(day) == closes:
        return cal.midnight(day + days)
    return cal.at(day + days, cal.local_time(closes))


def _last_day(end: datetime, cal: Calendar) -> date:
    return cal.local_date(end - _TICK)


def _days_on(day: date, d: Duration, cal: Calendar) -> date:
    if d.unit == "months":
        return add_months(day, d.count)
    if d.unit == "days":
        return day + d.count * _DAY
    return _nth_day(day, d.count, _DAY, cal.is_business_day)


def _days_back(day: date, d: Duration, cal: Calendar) -> date:
    if d.unit == "months":
        return add_months(day, -d.count)
    if d.unit == "days":
        return day - d.count * _DAY
    return _nth_day(day, d.count, -_DAY, cal.is_business_day)


def _nth_day(day: date, count: int, stride: timedelta, counts: Callable[[date], bool]) -> date:
    while count:
        day += stride
        count -= counts(day)
    return day


def _moved_on_by(waits: Iterable[Interval], closes: datetime, start: datetime) -> datetime:
    for since, until in _merged(waits):
        if since < closes and until > start:
            closes += until - max(since, start)
    return closes


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for since, until in sorted(intervals):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((since, until))
    return merged
