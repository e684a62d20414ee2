"""The row of the kind, its statuses, its projection and its events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jalon.domain.emails import Milestone
from jalon.domain.events import EVENTS, Event
from jalon.domain.kinds import Kind
from jalon.domain.kinds.poles import awaited, reached
from jalon.domain.projections import EntityFacts, ParkedStep
from jalon.domain.refusals import closed
from jalon.domain.violations import Violation


class QuoteStatus(StrEnum):
    """The status of a quote."""

    NEW = "new"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteProjection(EntityFacts):
    """A quote as its workflow answers it."""

    status: QuoteStatus
    standing: QuoteStatus
    buyer: str | None
    buyer_names: str | None
    parked: tuple[ParkedStep, ...]
    offered_at: datetime
    open_until: datetime


@dataclass(frozen=True, kw_only=True)
class QuoteOffered(Event):
    """A price was offered."""

    price: str


@dataclass(frozen=True, kw_only=True)
class QuoteAccepted(Event):
    """The buyer took the offer."""


@dataclass(frozen=True, kw_only=True)
class QuoteLapsed(Event):
    """Nobody took the offer in time."""


MY_EVENTS = {event.name: EVENTS.pop(event.name) for event in (QuoteOffered, QuoteAccepted, QuoteLapsed)}
"""The events of this kind, which only its tests register."""


def milestones(quote: QuoteProjection) -> tuple[Milestone, ...]:
    """The pole of a quote."""
    taken = quote.status == QuoteStatus.ACCEPTED
    last = reached("payment", None) if taken else awaited("payment", quote.open_until)
    return (reached("ordered", quote.offered_at), last)


def after_end(status: str, _command: str) -> Violation:
    """The refusal of a command to a quote that has ended."""
    return closed("quote", status)


_Q = QuoteStatus
QUOTE = Kind(
    "quote",
    "quotes",
    "quo",
    {
        _Q.NEW: frozenset({_Q.OFFERED}),
        _Q.OFFERED: frozenset({_Q.ACCEPTED, _Q.LAPSED}),
        _Q.ACCEPTED: frozenset(),
        _Q.LAPSED: frozenset(),
    },
    milestones,
    after_end,
    QuoteProjection,
)
