"""Entities as answers: the projection, with the people it refers to, and without what a role shall not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.events import EVENTS
from jalon.inbox.caller import Caller
from jalon.persistence.entities.entities import Entity, people_in
from jalon.persistence.entities.timelines import TimelineItem
from jalon.persistence.ids import PREFIXES
from jalon.persistence.people.parties import Parties, Party

View = dict[str, Any]

STAFF = frozenset({"support", "ops", "compliance", "admin"})
"""Who may read why a step stopped, or what an export hold is about; a customer is never told (E-mails: hold)."""

_CONFIDENTIAL = frozenset(key for kind in EVENTS.values() for key in kind.staff_only())

WAITS_FOR = {
    "operator": "an operator, to repair a step that stopped",
    "buyer_to_place": "the buyer, to place the order",
    "compliance_review": "two reviewers, to decide on the export hold",
    "buyer_certificate": "the buyer, to answer the end-use certificate",
    "buyer_payment_confirmation": "the buyer, to confirm the payment at the bank",
    "buyer_payment_method": "the buyer, to give a payment method that works",
    "buyer_open_contract": "the buyer, to open the contract",
    "buyer_click_activate": "the buyer, to click Activate",
    "buyer_sign": "the buyer, to sign the contract",
    "payment": "the payment, which is being taken",
    "screening": "the screening, which is under way",
    "activation": "its subscriptions, to become active or void",
    "term_end": "the end of the term",
    "retention": "the end of the time for which data is kept",
}


def person(party: str | None, people: Mapping[str, Party]) -> dict[str, Any] | None:
    """A person for those who may know them; one who was erased keeps an id only."""
    if party is None:
        return None
    known = people.get(party)
    if known is None:
        return {"id": party, "erased": True}
    return {
        "id": party,
        "email": known.email,
        "name": known.name,
        "company": known.company,
        "language": known.language,
        "undeliverable": known.undeliverable,
    }


def rendered(view: View, people: Mapping[str, Party], role: str) -> View:
    """The entity as an answer to a caller of this role."""
    answer = dict(view)
    answer["buyer"] = person(view.get("buyer"), people)
    if "certificate" in view:
        answer["certificate"] = "answered" if view["certificate"] else None
    if "seats" in view:
        answer["seats"] = [_seat(seat, people) for seat in view["seats"]]
    waiting_for = view.get("waiting_for")
    answer["waits_for"] = WAITS_FOR.get(waiting_for, waiting_for) if waiting_for else None
    if role not in STAFF:
        answer.pop("parked", None)
        if view.get("hold"):
            answer["hold"] = {"opened_at": view["hold"]["opened_at"]}
    return answer


def _seat(seat: View, people: Mapping[str, Party]) -> View:
    kept = {key: value for key, value in seat.items() if key != "party"}
    return kept | {"user": person(seat.get("party"), people)}


async def rendered_all(
    tx: AsyncConnection, parties: Parties, found: Sequence[Entity], role: str
) -> list[View]:
    """Entities as answers, with their people read at once."""
    wanted = people_in(entity.view for entity in found)
    people = await parties.read(tx, *wanted) if wanted else {}
    return [rendered(entity.view, people, role) for entity in found]


def in_zone(instant: datetime | str, zone: str) -> str:
    """An instant in RFC 3339 with the offset that the store's zone had then."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return at.astimezone(ZoneInfo(zone)).isoformat()


def timeline_item(each: TimelineItem, zone: str, caller: Caller) -> View:
    """One line of a timeline, in the store's zone. Who on our side did something is for our side only."""
    known = each.actor in (None, caller.actor) or caller.role in STAFF
    shown = each.actor if known or str(each.actor).startswith(PREFIXES["party"]) else "staff"
    return {
        "at": in_zone(each.at, zone),
        "kind": each.kind,
        "event": each.event,
        "rule": each.rule,
        "actor": shown,
        "entity": each.entity,
        "data": public(each.data, caller.role),
    }


def is_shown(event: str, role: str) -> bool:
    """Whether a role may read the event at all; names that no class has, as of an earlier version, are shown."""
    kind = EVENTS.get(event)
    return role in STAFF or kind is None or kind.public


def public(data: View, role: str) -> View:
    """What an event says, for a role: why an order is held or a step stopped is for staff only."""
    return data if role in STAFF else {key: data[key] for key in data if key not in _CONFIDENTIAL}


def agenda(view: View, zone: str) -> list[View]:
    """What is to come, with its dates in the store's zone; a `due_at` that closes a right is the first closed instant."""
    return [entry | {"due_at": in_zone(entry["due_at"], zone)} for entry in view.get("agenda") or ()]
