"""Projections read back from PostgreSQL as the classes that they were made from.

A projection of another release may have fields that this one does not know: during an upgrade both releases run. Such a field
is left out and logged. A known field that is missing or of another type is a fault: reading raises ValidationError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from jalon.domain.kinds import KINDS, SUBSCRIPTION
from jalon.domain.projections import HoldProjection, OrderProjection, Projection, SubscriptionProjection

log = structlog.get_logger("jalon.persistence")

Read = TypeVar("Read")

_UNKNOWN_FIELD = "unexpected_keyword_argument"


def order_of(view: Mapping[str, Any]) -> OrderProjection:
    """The order of a stored view. Raises ValidationError where a field is missing or of another type."""
    return _read(_adapter(OrderProjection), view)


def subscription_of(view: Mapping[str, Any]) -> SubscriptionProjection:
    """The subscription of a stored view. Raises ValidationError where a field is missing or of another type."""
    return _read(_adapter(SubscriptionProjection), view)


def held_in(view: Mapping[str, Any]) -> HoldProjection | None:
    """The hold of a stored view: of the order, or the oldest of those of people who join the subscription (X19)."""
    if SUBSCRIPTION.is_id(view["id"]):
        return next(iter(subscription_of(view).holds), None)
    return order_of(view).hold


def projection_of(kind: str, view: Mapping[str, Any]) -> Projection:
    """The projection of a stored view of this kind. Raises ValidationError where a field is missing or of another type."""
    projection: type[Projection] = KINDS.named(kind).projection
    return _read(_adapter(projection), view)


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(projection: type[Read]) -> TypeAdapter[Read]:
    if projection not in _ADAPTERS:
        _ADAPTERS[projection] = TypeAdapter(projection)
    return _ADAPTERS[projection]


def _read(adapter: TypeAdapter[Read], view: Mapping[str, Any]) -> Read:
    try:
        return adapter.validate_python(dict(view), extra="forbid")
    except ValidationError as misfit:
        faults = misfit.errors(include_input=False, include_url=False)
        if any(fault["type"] != _UNKNOWN_FIELD for fault in faults):
            raise
        unknown = sorted(".".join(str(part) for part in fault["loc"]) for fault in faults)
        log.warning("projection_of_another_release", entity=view.get("id"), unknown=unknown)
        return adapter.validate_python(dict(view), extra="ignore")
