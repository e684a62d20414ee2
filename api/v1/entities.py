"""Answers of routes that return either an order or a subscription."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from api.v1.orders.answers import Order, order_answer
from api.v1.subscriptions.answers import Subscription, subscription_answer
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.persistence.people.parties import Party

Show = Callable[[Mapping[str, Any], Mapping[str, Party], str, Mapping[str, Any] | None], Order | Subscription]
SHOWN: Mapping[str, Show] = {ORDER.name: order_answer, SUBSCRIPTION.name: subscription_answer}


def entity_answer(
    kind: str,
    view: Mapping[str, Any],
    people: Mapping[str, Party],
    role: str,
    result: Mapping[str, Any] | None = None,
) -> Order | Subscription:
    """The entity of a stored view as an answer to a caller of this role; `kind` is its name."""
    return SHOWN[kind](view, people, role, result)
