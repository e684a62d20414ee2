"""Orders as answers: their projections with people in place of ids, without the parts that a role may not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from datetime import datetime
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from api.http.answers import ANSWER, Person
from api.http.rendering import STAFF, person
from api.v1.lists import Page
from api.v1.live import LiveView
from api.v1.waits import words_for
from jalon.domain.projections import WHERE_KNOWN, HoldProjection, HoldReason, OrderFacts, ParkedStep
from jalon.persistence.entities.projections import order_of
from jalon.persistence.people.parties import Party


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Hold:
    """An export hold. Its reasons and decisions are for staff; `decisions` are the reviewers' decisions by name."""

    opened_at: datetime
    reasons: tuple[HoldReason, ...] | None = field(default=None, metadata=WHERE_KNOWN)
    decisions: Mapping[str, Literal["release", "reject"]] | None = field(default=None, metadata=WHERE_KNOWN)
    turn: int | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class OrderResult:
    """The result of a write, beside the order as it stands now: `needed` reviewers, of whom `decisions` decided."""

    order: str | None = field(default=None, metadata=WHERE_KNOWN)
    number: str | None = field(default=None, metadata=WHERE_KNOWN)
    decisions: int | None = field(default=None, metadata=WHERE_KNOWN)
    needed: int | None = field(default=None, metadata=WHERE_KNOWN)
    step: str | None = field(default=None, metadata=WHERE_KNOWN)
    action: str | None = field(default=None, metadata=WHERE_KNOWN)


@dataclass(frozen=True, kw_only=True, config=ANSWER)
class Order(OrderFacts):
    """An order, from cart to completed. `waiting_for` is a code, `waits_for` the same in words.

    `parked` holds the parked steps and is for staff; `result` is in the answer to a write.
    """

    buyer: Person | None
    certificate: Literal["answered"] | None
    hold: Hold | None
    waits_for: str | None
    parked: tuple[ParkedStep, ...] | None = field(default=None, metadata=WHERE_KNOWN)
    live: LiveView | None = field(default=None, metadata=WHERE_KNOWN)
    result: OrderResult | None = field(default=None, metadata=WHERE_KNOWN)


class OrderPage(Page[Order]):
    """A page of orders, newest first."""


def order_answer(
    view: Mapping[str, Any], people: Mapping[str, Party], role: str, result: Mapping[str, Any] | None = None
) -> Order:
    """The order of a stored view as an answer to a caller of this role."""
    projected = order_of(view)
    facts: dict[str, Any] = {each.name: getattr(projected, each.name) for each in fields(OrderFacts)}
    return Order(
        **facts,
        buyer=person(projected.buyer, people, projected.buyer_names) if projected.buyer else None,
        certificate="answered" if projected.certificate else None,
        hold=hold_answer(projected.hold, role),
        waits_for=words_for(projected.waiting_for),
        parked=projected.parked if role in STAFF else None,
        result=None if result is None else OrderResult(**result),
    )


def hold_answer(hold: HoldProjection | None, role: str) -> Hold | None:
    """The hold as a role may read it; None where nothing is held."""
    if hold is None:
        return None
    if role not in STAFF:
        return Hold(opened_at=hold.opened_at)
    return Hold(opened_at=hold.opened_at, reasons=hold.reasons, decisions=hold.decisions, turn=hold.turn)
