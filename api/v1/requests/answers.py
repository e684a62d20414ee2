"""Recorded writes as answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.answers import Answer, where_known
from api.v1.orders.answers import OrderResult
from api.v1.subscriptions.answers import ActivationResult, SubscriptionResult
from jalon.domain.violations import Violation


class RecordedRequest(Answer):
    """The state of a write: pending, applied with its result, or refused with its violations.

    `entity` is what it is about, also named `order` or `subscription`, to be read at `url`.
    """

    id: str
    state: Literal["pending", "applied", "refused"]
    command: str
    entity: str
    order: str | None = where_known()
    subscription: str | None = where_known()
    received_at: datetime
    result: OrderResult | ActivationResult | SubscriptionResult | None
    violations: list[Violation]
    url: str
