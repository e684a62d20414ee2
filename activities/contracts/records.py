"""The requests to the database activities, and their answers: transitions, rest, closing checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.contracts.base import ActivityRef, Done
from jalon.domain.transition import Transition


@dataclass(frozen=True)
class Recorded:
    """The epoch in which the transition was recorded; the epoch rises when a reset took another course."""

    epoch: int


@dataclass(frozen=True)
class ClosingCheck:
    """Asks for the facts of a closing: receipts still to apply, and outages of the API around its deadline (G3, G7)."""

    store: str
    entity: str
    live: bool
    closes_at: datetime


@dataclass(frozen=True)
class ReceivedCommand:
    """A receipt as the workflow receives it. `after` is the number of the entity's last transition when the receipt was recorded.

    `trace` is the place, as a `traceparent`, at which the request that made it is continued.
    """

    id: str
    seq: int
    command: str
    at: datetime
    body: dict[str, Any]
    actor: str
    role: str
    after: int = 0
    trace: str | None = None


@dataclass(frozen=True)
class ClosingFacts:
    """Pending receipts in receipt order, and outages of the API as (from, to).

    `api_silent`: no API process has sent a heartbeat for a while, but the silence is too short to be an outage.
    """

    pending: tuple[ReceivedCommand, ...]
    outages: tuple[tuple[datetime, datetime], ...]
    api_silent: bool


@dataclass(frozen=True)
class RestNote:
    """Whether a sandbox store's entity has effects under way; the test clock waits while it has."""

    store: str
    entity: str
    busy: bool


RECORD = ActivityRef("record_transition", Transition, Recorded)


CHECK_CLOSING = ActivityRef("check_closing", ClosingCheck, ClosingFacts)


REST = ActivityRef("note_rest", RestNote, Done)
