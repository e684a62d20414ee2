"""An entity's future as data: what happens next, when, by which rule, and whom the rule protects."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from jalon.domain.due import Due
from jalon.domain.projections import AgendaEntry

__all__ = ["AVAILABILITY_RETRY", "CLOSING_GRACE", "Agenda", "Due", "Entry"]

AVAILABILITY_RETRY = timedelta(seconds=30)
"""The interval at which a closing checks again while the API is silent, until it is known whether that is an outage (G7)."""

CLOSING_GRACE = timedelta(seconds=5)
"""A closing waits this long after its deadline, so that every receipt stamped before it is committed and seen (G3)."""


@dataclass
class Entry:
    """One entry of the agenda. A `closing` ends a right at `due_at`, the first closed instant.

    `blocked_by` names the step whose parking moves the entry when it protects the vendor. `held` is set while such a step is parked over
    the deadline. `retry_at` is set while nobody can say yet whether the API is down.
    """

    key: str
    due_at: datetime
    what: Due
    rule: str | None
    protects: Literal["customer", "vendor", "law"]
    closing: bool = False
    blocked_by: str | None = None
    held: bool = False
    subject: str = ""
    retry_at: datetime | None = None

    @property
    def ripe_at(self) -> datetime:
        """The earliest instant at which a live store may process the entry."""
        ripe_at = self.due_at + CLOSING_GRACE if self.closing else self.due_at
        return max(ripe_at, self.retry_at) if self.retry_at else ripe_at


@dataclass
class Agenda:
    """The pending entries, each under its own key."""

    entries: list[Entry] = field(default_factory=list)

    def put(self, entry: Entry) -> None:
        """Adds the entry, in place of one with the same key."""
        self.remove(entry.key)
        self.entries.append(entry)
        self.entries.sort(key=lambda entry: (entry.due_at, entry.key))

    def postponed(self, entry: Entry, to: datetime) -> Entry:
        """Moves an entry to a later instant, where nothing holds it any more; returns the one that stands in its place."""
        moved = replace(entry, due_at=to, held=False)
        self.put(moved)
        return moved

    def remove(self, *keys: str) -> None:
        """Removes the entries with these keys, where there are any."""
        self.entries = [entry for entry in self.entries if entry.key not in keys]

    def clear(self) -> None:
        """Removes every entry."""
        self.entries = []

    def next(self) -> Entry | None:
        """The earliest entry that is not held."""
        return next((entry for entry in self.entries if not entry.held), None)

    def closes_by(self, at: datetime) -> bool:
        """Whether a right ends at `at` or before, by any entry that is not held, even if other entries are due first."""
        return any(entry.closing and not entry.held and entry.due_at <= at for entry in self.entries)

    def find(self, key: str) -> Entry | None:
        """The entry with this key."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def projected(self) -> tuple[AgendaEntry, ...]:
        """The entries as people read them, earliest first."""
        return tuple(
            AgendaEntry(
                due_at=entry.due_at,
                what=entry.what,
                rule=entry.rule,
                protects=entry.protects,
                held=entry.held,
                subject=entry.subject or None,
            )
            for entry in self.entries
        )
