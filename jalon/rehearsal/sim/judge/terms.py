"""The terms of a subscription, counted by the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jalon.domain import events
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.rehearsal.sim.judge.facts import Facts

ENDINGS = (events.SubscriptionEnded, events.SubscriptionVoid)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The instants at which a term begins and ends."""

    begin: datetime
    end: datetime


def bounds_of(facts: Facts, term: int) -> Bounds | None:
    """The term's bounds, as the domain counts them."""
    line, active = facts.line_terms(term) or facts.line_terms(0), facts.named(events.SubscriptionActive)
    if line is None or not active:
        return None
    return Bounds(*term_bounds(active[0].entry.at, Duration.parse(line.term), term, facts.calendar))


def is_within(facts: Facts, term: int, at: datetime) -> bool:
    """Whether an instant lies in the term."""
    bounds = bounds_of(facts, term)
    return bounds is not None and bounds.begin <= at < bounds.end


def term_at(facts: Facts, at: datetime) -> int | None:
    """The term that an instant lies in."""
    terms = range(int(facts.row.view["term_number"] or 0) + 1)
    return next((term for term in terms if is_within(facts, term, at)), None)
