"""Stopped steps and outages, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer
from jalon.domain.statuses import OrderStatus, SubscriptionStatus


class StoppedEntity(Answer):
    """An entity with a step of the cause. A stalled one that was never recorded has no number and status yet."""

    id: str
    kind: Literal["order", "subscription"] | None
    store: str
    number: str | None
    status: OrderStatus | SubscriptionStatus | None
    step: str
    since: datetime
    reason: str | None


class StoppedCause(Answer):
    """Steps that stopped for one cause. `entities` shows the longest stopped ones, `count` counts them all.

    `stalled`: nobody needs to resolve them, they go on by themselves once the cause is mended. `since` is the store's time
    for what is parked, real time for what is stalled.
    """

    fingerprint: str
    step: str
    cause: str
    count: int
    since: datetime
    stalled: bool
    entities: list[StoppedEntity]


class CauseList(Answer):
    """Causes, the most frequent first."""

    data: list[StoppedCause]


class Outage(Answer):
    """A time in which the API was out of reach, of one store or, where `store` is None, of every live one (G7)."""

    id: int
    store: str | None
    started_at: datetime
    ended_at: datetime
    source: Literal["heartbeat", "declared"]
    actor: str
    reason: str
    recorded_at: datetime


class OutageList(Answer):
    """Outages, the latest first."""

    data: list[Outage]
