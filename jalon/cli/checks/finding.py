"""What a check finds: one fact, with the way out where it needs a person."""

from __future__ import annotations

from dataclasses import dataclass

PATIENCE = 3.0
"""The seconds that a server gets to answer a check."""
SKEW_AT_MOST = 5.0
"""The seconds by which two clocks may differ. Deadlines are judged by the clock of the database."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. `way_out` says what to do, and is None exactly where nothing needs to be done."""

    subject: str
    fact: str
    way_out: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return self.way_out is None


def of_the_clock(subject: str, seconds: float, whose: str) -> Finding:
    """How far a clock is from this computer's; positive where it is ahead."""
    if abs(seconds) <= SKEW_AT_MOST:
        return Finding(subject, f"{whose} is within {SKEW_AT_MOST:.0f} s of this computer's")
    where = "ahead of" if seconds > 0 else "behind"
    return Finding(
        subject,
        f"{whose} is {abs(seconds):.0f} s {where} this computer's",
        "let both computers keep their clocks by NTP",
    )
