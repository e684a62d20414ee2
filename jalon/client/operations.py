"""Calls of operators: parked steps and their repair, outages, export holds, search, and their own key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from jalon.client.calls import Call, body_of, path_to, query_of
from jalon.client.shapes import (
    Cause,
    Data,
    EmergencyStop,
    Entity,
    Hold,
    IssuedKey,
    Order,
    Page,
    SignInLink,
    StuckStep,
    Subscription,
    Timeline,
)


def timeline(entity: str) -> Call[Timeline]:
    """The timeline of the entity with this id, an order's with those of its subscriptions."""
    from jalon.domain.kinds import KINDS, ORDER  # noqa: PLC0415 (it loads every e-mail, which no other call needs)

    kind = KINDS.of_id(entity) or ORDER
    include = "subscriptions" if kind is ORDER else None
    return Call("GET", path_to(kind.plural, entity, "timeline"), query=query_of(include=include))


def parked(store: str | None = None) -> Call[Data[dict[str, Any]]]:
    """Steps that stopped, grouped by the fingerprint of their cause."""
    return Call("GET", path_to("ops", "parked"), query=query_of(store=store))


def causes(
    store: str | None = None,
    state: Literal["open", "ignored", "all"] | None = None,
    *,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    after: str | None = None,
    lang: Literal["en", "fr"] | None = None,
) -> Call[Page[Cause]]:
    """One page of what is stuck, by cause, or of these kinds, the most frequent first, in words of this language."""
    query = query_of(store=store, state=state, limit=limit, after=after, lang=lang)
    return Call("GET", path_to("ops", "causes"), query={**query, **({"kind": tuple(kinds)} if kinds else {})})


def cause(fingerprint: str, store: str | None = None, lang: Literal["en", "fr"] | None = None) -> Call[Cause]:
    """One cause, with its history, in words of this language."""
    return Call("GET", path_to("ops", "causes", fingerprint), query=query_of(store=store, lang=lang))


def cause_entities(
    fingerprint: str, store: str | None = None, *, limit: int | None = None, after: str | None = None
) -> Call[Page[StuckStep]]:
    """One page of what is stuck for a cause, the longest stuck first."""
    query = query_of(store=store, limit=limit, after=after)
    return Call("GET", path_to("ops", "causes", fingerprint, "entities"), query=query)


def change_cause(fingerprint: str, changes: Mapping[str, Any], store: str | None = None) -> Call[Cause]:
    """Changes `note`, `owner` or `ignore` of a cause. What is not named stays, None takes it away."""
    return Call("PATCH", path_to("ops", "causes", fingerprint), dict(changes), query=query_of(store=store))


def audit(
    store: str | None = None,
    about: str | None = None,
    *,
    limit: int | None = None,
    after: str | None = None,
) -> Call[Page[dict[str, Any]]]:
    """One page of what people did, the latest first, of a store or about one thing."""
    query = query_of(store=store, about=about, limit=limit, after=after)
    return Call("GET", path_to("ops", "audit"), query=query)


def stages(store: str | None = None) -> Call[dict[str, Any]]:
    """How many wait in each stage, for how long, and how many of them longer than is promised."""
    return Call("GET", path_to("ops", "stages"), query=query_of(store=store))


def invariants(store: str | None = None) -> Call[dict[str, Any]]:
    """What must never be otherwise, with the violations that stand."""
    return Call("GET", path_to("ops", "invariants"), query=query_of(store=store))


def park(entity: str, step: str, reason: str) -> Call[Entity]:
    """Stops a step before its next effect, until an operator decides."""
    return _on_step(entity, "park", step=step, reason=reason)


def retry(entity: str, step: str, reason: str, edit: Mapping[str, Any] | None = None) -> Call[Entity]:
    """Retries a parked step, with its input corrected where `edit` is given."""
    return _on_step(entity, "retry", step=step, reason=reason, edit=edit)


def skip(entity: str, step: str, reason: str, evidence: str | Mapping[str, str]) -> Call[Entity]:
    """Skips a parked step whose effect was done outside Jalon."""
    return _on_step(entity, "skip", step=step, reason=reason, evidence=evidence)


def compensate(entity: str, step: str, reason: str) -> Call[Entity]:
    """Undoes the effects of a parked step and of the steps before it, and ends the order or line."""
    return _on_step(entity, "compensate", step=step, reason=reason)


def _on_step(entity: str, action: str, **given: Any) -> Call[Entity]:
    return Call("POST", path_to("ops", "entities", entity, action), body_of(**given))


def declare_outage(
    since: datetime, until: datetime, reason: str, store: str | None = None
) -> Call[dict[str, Any]]:
    """Declares that a store, or every live store, could not be reached (G7)."""
    span = {"from": since.isoformat(), "to": until.isoformat()}
    return Call("POST", path_to("ops", "outages"), span | body_of(reason=reason, store=store))


def withdraw_outage(outage: int, reason: str) -> Call[dict[str, Any]]:
    """Withdraws an outage that was declared by mistake; deadlines that come due from now on do not count it (G7)."""
    return Call("POST", path_to("ops", "outages", str(outage), "withdraw"), body_of(reason=reason))


def stops(store: str | None = None) -> Call[Data[EmergencyStop]]:
    """Whether charges and e-mail are stopped, in each store."""
    return Call("GET", path_to("ops", "stops"), query=query_of(store=store))


def change_stop(
    store: str, what: Literal["charges", "mail"], reason: str, *, stopped: bool
) -> Call[EmergencyStop]:
    """Stops charges or e-mail in a store, or lets them go on."""
    body = {"store": store, "what": what, "stopped": stopped, "reason": reason}
    return Call("PUT", path_to("ops", "stops"), body)


def holds(
    store: str | None = None, *, limit: int | None = None, after: str | None = None
) -> Call[Page[dict[str, Any]]]:
    """One page of the export holds that wait for a decision."""
    query = query_of(store=store, limit=limit, after=after)
    return Call("GET", path_to("compliance", "holds"), query=query)


def hold(held: str) -> Call[Hold]:
    """The export hold of an order, or the holds of a subscription, with the evidence."""
    return Call("GET", path_to("compliance", "holds", held))


def decide_hold(
    held: str, decision: Literal["release", "reject"], reason: str, turn: int | None = None
) -> Call[Order | Subscription]:
    """A reviewer's decision; two different people release a hold.

    `turn` is that of the hold which was read, and is required where a subscription has several.
    """
    body = body_of(decision=decision, reason=reason, turn=turn)
    return Call("POST", path_to("compliance", "holds", held, "decisions"), body)


def accept_key() -> Call[IssuedKey]:
    """Exchanges the token of the caller's own key for a fresh one, which nobody else saw."""
    return Call("POST", path_to("keys", "accept"))


def sign_in_link() -> Call[SignInLink]:
    """A link that signs the person of the caller's key in at the console, once."""
    return Call("POST", path_to("keys", "link"))


def search(text: str, limit: int | None = None) -> Call[Data[dict[str, Any]]]:
    """Orders and subscriptions by any text that is known of them or of their people. The text does not stand in the address."""
    return Call("POST", path_to("support", "search"), body_of(q=text, limit=limit), reads=True)


def read(entity: str) -> Call[Entity]:
    """The order or subscription with this id."""
    from jalon.domain.kinds import KINDS, ORDER  # noqa: PLC0415 (as above)

    return Call("GET", path_to((KINDS.of_id(entity) or ORDER).plural, entity))
