"""The worklists of support, as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Answer
from api.v1.lists import Page
from api.v1.orders.answers import Order
from api.v1.subscriptions.answers import Subscription


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class FoundOrder(Order):
    """An order among the results."""

    kind: Literal["order"] = "order"


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class FoundSubscription(Subscription):
    """A subscription among the results."""

    kind: Literal["subscription"] = "subscription"


class SearchResult(Answer):
    """Orders and subscriptions, newest first."""

    data: list[Annotated[FoundOrder | FoundSubscription, Field(discriminator="kind")]]


class SupportTask(Answer):
    """A task for a person: since when, by which rule, and which contact of the store takes it."""

    task: Literal["contact_buyer"]
    rule: str
    since: datetime
    contact: str
    order: Order


class TaskPage(Page[SupportTask]):
    """A page of tasks, the longest waiting first. The cursor is the order of the last one."""
