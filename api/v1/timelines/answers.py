"""Timelines as answers: past events, waits and the agenda. Instants carry the offset of the store's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Answer, KindName, Person, StandingName, StatusName, where_known
from jalon.domain.projections import WHERE_KNOWN, AgendaEntry, ParkedStep, WaitingFor
from jalon.domain.statuses import Standing, SubscriptionStatus


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class DatedEntry(AgendaEntry):
    """An agenda entry; `entity` names the subscription where the entry belongs to another entity than the requested one."""

    entity: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class StoppedStep(ParkedStep):
    """A stopped step, for staff. A stalled step continues by itself once its cause is repaired; its `since` is real time."""

    stalled: bool


class TimelineLine(Answer):
    """One timeline item of `entity`: an event, a payment or an e-mail.

    `docs/events.md` lists the events and their data. The name of an acting employee is for staff; other roles read "staff".
    """

    at: datetime
    kind: Literal["event", "payment", "mail"]
    event: str
    rule: str | None
    actor: str | None
    entity: str
    data: Mapping[str, Any]


class SubscriptionSummary(Answer):
    """A summary of one subscription of the order, with the next entry of its agenda. `waits_for` is `waiting_for` in words."""

    id: str
    status: SubscriptionStatus
    standing: SubscriptionStatus | Standing
    product: str
    quantity: int
    waiting_for: WaitingFor | None
    waits_for: str | None
    term_end: datetime | None
    next: DatedEntry | None


class EntityTimeline(Answer):
    """The timeline of an entity. `waiting_for` is a code, `waits_for` the same in words; `subscriptions` are those of an order."""

    id: str
    kind: KindName
    store: str
    number: str
    status: StatusName
    standing: StandingName
    zone: str
    buyer: Person | None
    waiting_for: WaitingFor | None
    waits_for: str | None
    parked: list[StoppedStep]
    agenda: list[DatedEntry]
    timeline: list[TimelineLine]
    subscriptions: list[SubscriptionSummary] | None = where_known()
