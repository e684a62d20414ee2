"""Stages and their ages, and invariants, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer
from jalon.domain.invariants import Severity


class StageInStore(Answer):
    """What waits in a stage of one store. Ages and distances are in seconds.

    `late` is how many wait longer than is promised; `next_at` is when the promise to the next one is broken, or was.
    """

    store: str
    waiting: int
    oldest_seconds: float
    late: int
    next_at: datetime | None
    next_seconds: float | None


class StageAnswer(Answer):
    """A stage in which orders, subscriptions, writes or e-mails wait, and the promise for it, with its rule where it has one.

    The figures are those of all stores together: the sums, the greatest age, and the nearest instant. A count ends at 1,000 for a stage.
    `clock` says whether they go by each store's own clock or by real time.
    """

    name: str
    words: str
    promise: str
    rule: str | None
    clock: Literal["store", "real"]
    waiting: int
    oldest_seconds: float
    late: int
    next_seconds: float | None
    stores: list[StageInStore]


class ParkedDeadline(Answer):
    """The next deadline that a parked step would hit, by the store's clock; `seconds` is how far away it is."""

    store: str
    at: datetime
    seconds: float


class StageList(Answer):
    """Every stage, in the order of a life. `parked_deadline` is None where no parked order or subscription has a deadline."""

    data: list[StageAnswer]
    parked_deadline: ParkedDeadline | None


class InvariantViolation(Answer):
    """What violates an invariant: a `subject`, such as an entity, a payment's key or a receipt. `found_at` is real time."""

    store: str
    entity: str
    subject: str
    found_at: datetime


class InvariantAnswer(Answer):
    """What must never be otherwise, how many violations stand, and what to do then.

    A count ends at about 1,000; `examples` are the oldest 20.
    """

    name: str
    words: str
    severity: Severity
    rule: str | None
    remedy: str
    count: int
    examples: list[InvariantViolation]


class InvariantList(Answer):
    """Every invariant. They are checked every minute: of what changed lately, and of a slice of the whole book.

    `checked_at` is the last check, `whole_since` since when every entity has been checked once; both are real time, and None before.
    """

    checked_at: datetime | None
    whole_since: datetime | None
    data: list[InvariantAnswer]
