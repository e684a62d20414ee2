"""A store's calendar: its zone, its holidays, and where its days begin (G1, G5)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Instants from outside lie from EARLIEST to before LATEST, so that a century of terms after them still has dates."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """`zone` is an IANA name ("Europe/Paris"); business days are Mondays to Fridays not in `holidays`."""

    zone: str
    holidays: frozenset[date] = frozenset()

    def local_date(self, instant: datetime) -> date:
        """The day an aware instant falls on here; ValueError for a naive one."""
        return utc(instant).astimezone(ZoneInfo(self.zone)).date()

    def local_time(self, instant: datetime) -> time:
        """The wall time of an aware instant here, without its zone; ValueError for a naive one."""
        return utc(instant).astimezone(ZoneInfo(self.zone)).time()

    def wall(self, instant: datetime) -> str:
        """An instant as a person of the store reads it: "2026-10-23 00:00 (Europe/Paris)"; ValueError for a naive one."""
        return f"{utc(instant).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M} ({self.zone})"

    def at(self, day: date, wall: time) -> datetime:
        """The UTC instant of a wall time: the first if it comes twice, moved on by the gap if skipped."""
        return datetime.combine(day, wall, ZoneInfo(self.zone)).astimezone(UTC)

    def midnight(self, day: date) -> datetime:
        """The UTC instant at which this local day begins, also where 00:00 is skipped or comes twice."""
        return self.at(day, time(0))

    def is_business_day(self, day: date) -> bool:
        """Whether a business-day count includes this day (G5)."""
        return day.weekday() < _SATURDAY and day not in self.holidays


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive one, whose instant nobody knows."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no zone: instants are aware datetimes")
    return instant.astimezone(UTC)


def within_reach(instant: datetime) -> datetime:
    """The same instant; ValueError for one before EARLIEST or from LATEST on."""
    if not EARLIEST <= instant < LATEST:
        raise ValueError(f"an instant lies from {EARLIEST.year} to {LATEST.year - 1}")
    return instant


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (earlier if negative), clamped to that month's end (G4)."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))
