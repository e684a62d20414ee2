"""Orders and subscriptions where a route answers either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.v1.orders.answers import Order, order_answer
from api.v1.subscriptions.answers import Subscription, subscription_answer
from jalon.persistence.people.parties import Party

KINDS = ("order", "subscription")


def entity_answer(
    kind: str,
    view: Mapping[str, Any],
    people: Mapping[str, Party],
    role: str,
    result: Mapping[str, Any] | None = None,
) -> Order | Subscription:
    """The entity of a stored view as an answer to a caller of this role; `kind` is one of KINDS."""
    show = order_answer if kind == "order" else subscription_answer
    return show(view, people, role, result)
