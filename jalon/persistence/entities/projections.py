"""Projections read back from PostgreSQL as the classes that they were made from.

A projection of another release may have fields that this one does not know: during an upgrade both releases run. Such a field
is left out and logged. A known field that is missing or of another type is a fault: reading raises ValidationError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from jalon.domain.projections import OrderProjection, Projection, SubscriptionProjection

log = structlog.get_logger("jalon.persistence")

Read = TypeVar("Read")

_ORDERS = TypeAdapter(OrderProjection)
_SUBSCRIPTIONS = TypeAdapter(SubscriptionProjection)
_UNKNOWN_FIELD = "unexpected_keyword_argument"


def order_of(view: Mapping[str, Any]) -> OrderProjection:
    """The order of a stored view. Raises ValidationError where a field is missing or of another type."""
    return _read(_ORDERS, view)


def subscription_of(view: Mapping[str, Any]) -> SubscriptionProjection:
    """The subscription of a stored view. Raises ValidationError where a field is missing or of another type."""
    return _read(_SUBSCRIPTIONS, view)


def projection_of(kind: str, view: Mapping[str, Any]) -> Projection:
    """The order or subscription of a stored view; `kind` is the entity's. Raises ValidationError as its own reader does."""
    return order_of(view) if kind == "order" else subscription_of(view)


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
