"""The order or subscription that a write addresses, as it stands."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.http.errors import Problem
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import ORDER, SUBSCRIPTION, Kind
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.persistence.entities.projections import order_of, subscription_of
from jalon.persistence.inbox.targets import TargetState


def known_order(target_state: TargetState) -> OrderProjection:
    """The present order. Raises Problem while the opening receipt is recorded but not yet applied."""
    return order_of(_recorded(target_state, ORDER))


def known_subscription(target_state: TargetState) -> SubscriptionProjection:
    """The present subscription. Raises Problem while the receipt that begins it is not yet applied."""
    return subscription_of(_recorded(target_state, SUBSCRIPTION))


def _recorded(target_state: TargetState, kind: Kind[Any]) -> dict[str, Any]:
    if target_state.view is None:
        raise not_yet_open(kind)
    return target_state.view


def not_yet_open(kind: Kind[Any]) -> Problem:
    """The problem of an entity whose opening receipt is recorded but not yet applied, for a read as for a write."""
    return Problem(
        HTTPStatus.CONFLICT,
        ErrorCode.NOT_YET_OPEN,
        f"This {kind.name} was recorded and is still on its way; send the same request again in a moment.",
        retry_after=2,
    )
