"""The terms of a subscription: half-open, counted from one anchor, with no gap and no overlap (G4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from jalon.domain.calendar.calendars import Calendar, add_months, utc
from jalon.domain.calendar.durations import Duration


def term_bounds(anchor: datetime, length: Duration, number: int, cal: Calendar) -> tuple[datetime, datetime]:
    """The UTC bounds `[start, end)` of term `number`, the first being 0.

    The first term starts at the anchor's exact instant. Later ones start at the local midnight of anchor date +
    number x length, clamped to the month's end from the original anchor (G4). Elapsed terms start just that
    much after the anchor.
    ValueError: a negative number, an empty length, or a length in business days.
    """
    if number < 0:
        raise ValueError(f"term {number}: terms are numbered from 0")
    if length.count == 0 or length.unit == "business_days":
        raise ValueError(f"{length} cannot be the length of a term: write it in months, days or elapsed time")
    return _starts_at(anchor, length, number, cal), _starts_at(anchor, length, number + 1, cal)


def _starts_at(anchor: datetime, length: Duration, number: int, cal: Calendar) -> datetime:
    if number == 0:
        return utc(anchor)
    if length.unit == "seconds":
        return utc(anchor) + number * timedelta(seconds=length.count)
    first_day = cal.local_date(anchor)
    if length.unit == "months":
        return cal.midnight(add_months(first_day, number * length.count))
    return cal.midnight(first_day + number * timedelta(days=length.count))
