"""The worklists of support, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer
from api.v1.lists import ClockOfStore, Page
from api.v1.orders.answers import Order
from api.v1.subscriptions.answers import Subscription


class SupportTask(Answer):
    """A task for a person: what to do, since when and until when, by which rule, and which contact of the store takes it.

    It is about an order, or about a subscription. `until` is the start of the term that was not announced; None where that has begun.
    """

    task: Literal["contact_buyer", "announce_renewal"]
    to_do: str
    rule: str
    since: datetime
    until: datetime | None
    contact: str
    order: Order | None
    subscription: Subscription | None


class TaskPage(Page[SupportTask]):
    """A page of tasks, the longest waiting first. The cursor names the last one, which may be done meanwhile."""

    clocks: list[ClockOfStore]
