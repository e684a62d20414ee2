"""Stopped steps and outages, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.domain.stuck import StuckKind
from jalon.persistence.operations.causes import StuckCause


class StoppedEntity(Answer):
    """An entity with a step of the cause. A stalled entity that was never recorded has no number and status yet."""

    id: str
    kind: Literal["order", "subscription"] | None
    store: str
    number: str | None
    status: OrderStatus | SubscriptionStatus | None
    step: str
    since: datetime
    reason: str | None


class StoppedCause(Answer):
    """Steps that stopped for one cause. `entities` holds the longest stopped ones, `count` is the number of all.

    `stalled` steps need no operator: they continue by themselves once the cause is repaired. `since` is the store's time for parked
    steps, real time for stalled ones.
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


def stopped_cause(found: StuckCause) -> StoppedCause:
    """The answer of a cause, without its history and what is at stake."""
    return StoppedCause(
        fingerprint=found.fingerprint,
        step=found.step,
        cause=str(found.cause),
        count=found.count,
        since=found.since,
        stalled=found.kind is not StuckKind.PARKED,
        entities=[StoppedEntity.model_validate(each, from_attributes=True) for each in found.entities],
    )


class Outage(Answer):
    """A time in which the API could not be reached, for one store or, where `store` is None, for every live store (G7).

    A withdrawn outage moves no deadline any more; one that it moved before keeps the date that the customer was told.
    """

    id: int
    store: str | None
    started_at: datetime
    ended_at: datetime
    source: Literal["heartbeat", "declared"]
    actor: str
    reason: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawal_reason: str | None


class OutagePage(Answer):
    """A page of outages, the latest first. `next` is the cursor to send as `after` for the following page, None on the last one."""

    data: list[Outage]
    has_more: bool
    next: int | None
