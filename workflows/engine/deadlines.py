"""When an agenda entry may be processed, and the verdict on a closing (G3, G7). Plain values in and out; the caller gives the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.contracts.records import ClosingFacts
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import extended_by_downtime
from workflows.engine.agenda import AVAILABILITY_RETRY, Entry
from workflows.engine.inbox import Inbox
from workflows.engine.state import EntityState

EFFECTS_FIRST = timedelta(seconds=30)
"""The longest time that an overdue entry of a live store waits for effects under way."""


@dataclass(frozen=True)
class Closes:
    """Nothing keeps the right open, so it ends at its deadline."""


@dataclass(frozen=True)
class AppliesFirst:
    """A receipt stamped before the deadline is pending: it is applied first, then the closing is judged again (G3)."""


@dataclass(frozen=True)
class IsHeld:
    """The step that blocks the deadline is parked or stopped: the entry is held until the step continues."""

    step: str


@dataclass(frozen=True)
class AsksAgain:
    """The API has been silent for a while: the closing is judged again at this instant (G7)."""

    at: datetime


@dataclass(frozen=True)
class IsExtended:
    """An outage of the API moves the deadline (G7)."""

    to: datetime


@dataclass(frozen=True)
class IsMoot:
    """What happened beside the course, while the facts were asked for, ended the entry or moved it: nothing closes now."""


Verdict = Closes | AppliesFirst | IsHeld | AsksAgain | IsExtended | IsMoot


class Deadlines:
    """The agenda of one run against its clock and its inbox. Instants are aware UTC."""

    def __init__(self, state: EntityState, inbox: Inbox) -> None:
        self._state = state
        self._inbox = inbox
        self.clock_at = max(state.now, state.clock_at or state.now)
        self._overdue: dict[tuple[str, datetime], datetime] = {}

    def reach(self, instant: datetime) -> None:
        """Records that a sandbox store's clock has come to this instant."""
        self.clock_at = max(self.clock_at, instant)

    def is_due(self, now: datetime, *, working: bool) -> bool:
        """Whether the next entry may be processed: never before an earlier message, and in a sandbox only once no effect is under way."""
        entry, head = self._state.agenda.next(), self._inbox.head
        if entry is None or (head is not None and entry.due_at > head.at):
            return False
        if self._state.live:
            return now >= entry.ripe_at and (not working or self._waited_for_effects(entry, now))
        clock_at = head.at if head is not None else self.clock_at
        return entry.due_at <= clock_at and (entry.due_at <= self._state.now or not working)

    def is_processable(self) -> bool:
        """Whether the next message may be applied. A message stamped after a closing waits for that closing."""
        head = self._inbox.head
        return head is not None and not self._state.agenda.closes_by(head.at)

    def _waited_for_effects(self, entry: Entry, now: datetime) -> bool:
        """Whether the entry has waited long enough for the effects under way, which may make it unnecessary.

        After a reset this matters most, since every entry is overdue at once.
        """
        seen = self._overdue.get((entry.key, entry.ripe_at))
        return seen is not None and now >= seen + EFFECTS_FIRST

    def ring_at(self, now: datetime) -> datetime | None:
        """The instant at which a live store's timer is to fire; None where no timer is needed."""
        entry = self._state.agenda.next()
        if not self._state.live or entry is None:
            return None
        if now < entry.ripe_at:
            return entry.ripe_at
        return self._overdue.setdefault((entry.key, entry.ripe_at), now) + EFFECTS_FIRST

    def judge(self, entry: Entry, facts: ClosingFacts, calendar: Calendar, now: datetime) -> Verdict:
        """The verdict on a closing that is due.

        An earlier receipt (G3), an outage of the API (G7) or a parked step keeps the right open.
        """
        if self._state.agenda.find(entry.key) is not entry:
            return IsMoot()
        if self._inbox.any_before(entry.due_at):
            return AppliesFirst()
        if entry.protects != "vendor":
            return Closes()
        blocking = entry.blocked_by
        if blocking is not None and (blocking in self._state.parked or blocking in self._state.halted):
            return IsHeld(blocking)
        if facts.api_silent:
            return AsksAgain(now + AVAILABILITY_RETRY)
        closes_at = extended_by_downtime(entry.due_at, facts.outages, calendar)
        return IsExtended(closes_at) if closes_at > entry.due_at else Closes()
