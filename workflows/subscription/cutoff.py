"""Which term a switch of the renewal applies to, and until when that term may be used (D15, G7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jalon.domain.calendar.deadlines import closes_before_end
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.due import Due
from workflows.engine.state import known
from workflows.subscription.state import SubscriptionState


@dataclass(frozen=True)
class Cutoff:
    """The first instant at which a term's renewal can no longer be switched, the term's end, and until when it can be used.

    It can be used after its end where an outage moved the cutoff beyond it: what may still be stopped is not renewed (G7).
    """

    stop_by: datetime
    term_end: datetime
    usable_until: datetime


def cutoff_at(state: SubscriptionState, at: datetime) -> Cutoff:
    """The cutoff of the term that a switch at `at` applies to.

    While a parked charge keeps the next term from starting, that is a future term. A cutoff that an outage moved beyond the end of its
    term is still that term's (G7).
    """
    line, calendar = known(state.line), known(state.terms).calendar
    number, stop_by, end = state.term, known(state.stop_by), known(state.term_end)
    ends = state.agenda.find(Due.TERM_END)
    usable_until = ends.due_at if ends is not None else end
    while at >= max(stop_by, end):
        number += 1
        _, end = term_bounds(known(state.anchor), Duration.parse(line.term), number, calendar)
        stop_by = closes_before_end(end, Duration.parse(line.renewal.stop_until), calendar)
        usable_until = end
    return Cutoff(stop_by, end, usable_until)
