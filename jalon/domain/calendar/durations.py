"""Durations as a store file writes them: one unit each, so that every deadline has one reading (G1-G5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self

Unit = Literal["months", "days", "business_days", "seconds"]

_PATTERN = re.compile(
    r"(?P<business_days>[0-9]{1,4})BD"
    r"|P(?P<days>[0-9]{1,5})D"
    r"|P(?P<weeks>[0-9]{1,4})W"
    r"|P(?=[0-9])(?:(?P<years>[0-9]{1,3})Y)?(?:(?P<months>[0-9]{1,4})M)?"
    r"|PT(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,6})M)?(?:(?P<seconds>[0-9]{1,8})S)?"
)
_ACCEPTED = (
    'write calendar days "P90D", weeks "P2W", months "P1M", years "P1Y", business days "2BD" or '
    'elapsed time "PT72H"; units of different kinds do not mix'
)

LONGEST: Mapping[Unit, int] = {
    "months": 100 * 12,
    "days": 100 * 366,
    "business_days": 100 * 261,
    "seconds": 100 * 366 * 24 * 3600,
}
"""The longest duration that is read, in each unit: a hundred years, which every calendar reaches."""


@dataclass(frozen=True, slots=True)
class Duration:
    """`count` of one unit, never negative. A year is 12 months, a week 7 days, elapsed time in seconds."""

    unit: Unit
    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"a duration is never negative: {self.count} {self.unit}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "P90D", "P2W", "P1M", "P1Y", "2BD" or "PT1H30M"; ValueError says what is accepted."""
        unit, count = _read(text)
        if count > LONGEST[unit]:
            raise ValueError(f'"{text}" is longer than a hundred years')
        return cls(unit, count)

    def __str__(self) -> str:
        if self.unit == "business_days":
            return f"{self.count}BD"
        if self.unit == "days":
            return f"P{self.count}D"
        if self.unit == "months":
            whole_years = self.count and self.count % 12 == 0
            return f"P{self.count // 12}Y" if whole_years else f"P{self.count}M"
        return _elapsed_text(self.count)


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[Unit, int]:
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not a duration: {_ACCEPTED}')
    part = {name: int(digits) for name, digits in found.groupdict().items() if digits is not None}
    if "business_days" in part:
        return "business_days", part["business_days"]
    if "days" in part or "weeks" in part:
        return "days", part.get("days", 0) + 7 * part.get("weeks", 0)
    if "years" in part or "months" in part:
        return "months", 12 * part.get("years", 0) + part.get("months", 0)
    return "seconds", 3600 * part.get("hours", 0) + 60 * part.get("minutes", 0) + part.get("seconds", 0)


def _elapsed_text(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{count}{letter}" for count, letter in ((hours, "H"), (minutes, "M"), (rest, "S")) if count]
    return "PT" + ("".join(parts) or "0S")
