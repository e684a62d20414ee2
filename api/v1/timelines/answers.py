"""Lives as answers: what happened, what is awaited, and what is to come. Instants carry the offset of the store's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Answer, KindName, Person, StatusName, where_known
from jalon.domain.projections import WHERE_KNOWN, AgendaEntry, ParkedStep, WaitingFor
from jalon.domain.statuses import SubscriptionStatus


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class DatedEntry(AgendaEntry):
    """What is to come; `entity` names the subscription where the entry is not of the entity that was asked for."""

    entity: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class StoppedStep(ParkedStep):
    """A step that stopped, for staff. A stalled one goes on by itself once its cause is mended; its `since` is real time."""

    stalled: bool


class TimelineLine(Answer):
    """One thing that happened to `entity`: an event of its life, a payment or an e-mail.

    `docs/events.md` lists the events and their data. Who of the store's people acted is for staff: others read "staff".
    """

    at: datetime
    kind: Literal["event", "payment", "mail"]
    event: str
    rule: str | None
    actor: str | None
    entity: str
    data: Mapping[str, Any]


class SubscriptionSummary(Answer):
    """A subscription of the order in short, with the next thing on its agenda."""

    id: str
    status: SubscriptionStatus
    product: str
    quantity: int
    waiting_for: WaitingFor | None
    term_end: datetime | None
    next: DatedEntry | None


class EntityTimeline(Answer):
    """A life. `waiting_for` is a code, `waits_for` says the same in words; `subscriptions` are those of an order."""

    id: str
    kind: KindName
    store: str
    number: str
    status: StatusName
    zone: str
    buyer: Person | None
    waiting_for: WaitingFor | None
    waits_for: str | None
    parked: list[StoppedStep]
    agenda: list[DatedEntry]
    timeline: list[TimelineLine]
    subscriptions: list[SubscriptionSummary] | None = where_known()
