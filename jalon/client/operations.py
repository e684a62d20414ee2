"""Calls of people who operate: parked steps and their repair, outages, export holds, search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import Data, Entity, Hold, Order, Timeline
from jalon.domain.kinds import KINDS, ORDER


def timeline(entity: str) -> Call[Timeline]:
    """The life of whatever has this id, an order's with those of its subscriptions."""
    kind = KINDS.of_id(entity) or ORDER
    include = "subscriptions" if kind is ORDER else None
    return Call("GET", path_to(kind.plural, entity, "timeline"), query=query_of(include=include))


def parked(store: str | None = None) -> Call[Data[dict[str, Any]]]:
    """Steps that stopped, grouped by the fingerprint of their cause."""
    return Call("GET", path_to("ops", "parked"), query=query_of(store=store))


def park(entity: str, step: str, reason: str) -> Call[Entity]:
    """Stops a step before its next effect, until an operator decides."""
    return _on_step(entity, "park", step=step, reason=reason)


def retry(entity: str, step: str, reason: str, edit: Mapping[str, Any] | None = None) -> Call[Entity]:
    """Tries a parked step again, with its input corrected where `edit` says how."""
    return _on_step(entity, "retry", step=step, reason=reason, edit=edit)


def skip(entity: str, step: str, reason: str, evidence: str | Mapping[str, Any]) -> Call[Entity]:
    """Goes on without a parked step whose effect came about otherwise."""
    return _on_step(entity, "skip", step=step, reason=reason, evidence=evidence)


def compensate(entity: str, step: str, reason: str) -> Call[Entity]:
    """Undoes what a parked step and its forerunners did, and ends the order or line."""
    return _on_step(entity, "compensate", step=step, reason=reason)


def _on_step(entity: str, action: str, **given: Any) -> Call[Entity]:
    return Call("POST", path_to("ops", "entities", entity, action), body_of(**given))


def declare_outage(
    since: datetime, until: datetime, reason: str, store: str | None = None
) -> Call[dict[str, Any]]:
    """Declares that a store, or every live one, could not be reached (G7)."""
    span = {"from": since.isoformat(), "to": until.isoformat()}
    return Call("POST", path_to("ops", "outages"), span | body_of(reason=reason, store=store))


def holds(store: str | None = None) -> Call[Data[dict[str, Any]]]:
    """Export holds that wait for a decision."""
    return Call("GET", path_to("compliance", "holds"), query=query_of(store=store))


def hold(order: str) -> Call[Hold]:
    """An export hold with its evidence."""
    return Call("GET", path_to("compliance", "holds", order))


def decide_hold(order: str, decision: Literal["release", "reject"], reason: str) -> Call[Order]:
    """A reviewer's decision; two different people release a hold."""
    body = body_of(decision=decision, reason=reason)
    return Call("POST", path_to("compliance", "holds", order, "decisions"), body)


def search(text: str) -> Call[Data[dict[str, Any]]]:
    """Orders and subscriptions by e-mail address, number or id."""
    return Call("GET", path_to("support", "search"), query=query_of(q=text))
