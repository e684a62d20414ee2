"""Causes of what is stuck, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer
from api.v1.lists import Page
from jalon.domain.money import Money
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.domain.stuck import StuckKind
from jalon.integrations.mail.words import Words
from jalon.persistence.operations.causes import StuckCause, StuckEntity


class EntityOfCause(Answer):
    """A step that is stuck for the cause. `since` is the store's time, `recorded_at` real time.

    A stalled entity that was never recorded has no kind, number and status yet.
    """

    id: str
    kind: Literal["order", "subscription"] | None
    store: str
    number: str | None
    status: OrderStatus | SubscriptionStatus | None
    step: str
    since: datetime
    recorded_at: datetime
    reason: str | None


class CauseDeadline(Answer):
    """The deadline that one of the stuck entities hits first. `at` is the store's time, `seconds` what is left in it."""

    at: datetime
    what: str
    entity: str
    rule: str | None
    seconds: float


class CauseIgnored(Answer):
    """That the cause is left out of the list until an instant, or until so many more entities stop for it."""

    until: datetime | None
    more: int | None
    reason: str
    by: str
    at: datetime


class Cause(Answer):
    """What stopped steps, with its history. Instants are real time, except that of the nearest deadline.

    `count` is how many steps are stuck now, `times_seen` how often a step stopped for this cause. `release` is that of the process that
    recorded the first one. `money` is what the stuck orders, or the next charges of the stuck subscriptions, amount to. `entities` are
    the longest stuck, 100 at most.
    """

    fingerprint: str
    kind: StuckKind
    step: str
    error: str
    provider_code: str | None
    words: str
    way_out: str
    stores: list[str]
    first_seen_at: datetime
    last_seen_at: datetime
    release: str | None
    count: int
    times_seen: int
    money: list[Money]
    nearest_deadline: CauseDeadline | None
    note: str | None
    owner: str | None
    ignored: CauseIgnored | None
    entities: list[EntityOfCause]


class CausePage(Page[Cause]):
    """A page of causes, the most frequent first. A cause whose count changes meanwhile may stand on two pages."""


class CauseEntityPage(Page[EntityOfCause]):
    """A page of what is stuck for a cause, the longest stuck first."""


def entity_of_cause(found: StuckEntity) -> EntityOfCause:
    """The answer of one step."""
    return EntityOfCause.model_validate(found, from_attributes=True)


def cause_answer(found: StuckCause, own: Words) -> Cause:
    """The answer of a cause, with the words of support in one language."""
    key, note = f"{found.kind}_{found.cause.error}", found.note
    key = key if key in own["causes"] else f"{found.kind}_otherwise"
    facts = {"error": found.cause.error, "code": f" ({found.cause.code})" if found.cause.code else ""}
    ignored = note.ignored if note and found.ignored else None
    return Cause(
        fingerprint=found.fingerprint,
        kind=found.kind,
        step=found.step,
        error=found.cause.error,
        provider_code=found.cause.code,
        words=own["causes"][key].format(**facts),
        way_out=own["ways"][key].format(**facts),
        stores=list(found.stores),
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
        release=found.release,
        count=found.count,
        times_seen=found.times_seen,
        money=list(found.money),
        nearest_deadline=CauseDeadline.model_validate(found.nearest_deadline, from_attributes=True)
        if found.nearest_deadline
        else None,
        note=note.note if note else None,
        owner=note.owner if note else None,
        ignored=CauseIgnored.model_validate(ignored, from_attributes=True) if ignored else None,
        entities=[entity_of_cause(each) for each in found.entities],
    )
