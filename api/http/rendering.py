"""What of an entity or event is shown to whom: the people it refers to, and what a role shall not see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from api.http.answers import Person
from jalon.domain.events import EVENTS
from jalon.persistence.people.parties import Party

View = dict[str, Any]
Language = Literal["fr", "en"]

STAFF = frozenset({"support", "ops", "compliance", "admin"})
"""Who may read why a step stopped, or what an export hold is about; a customer is never told (E-mails: hold)."""

_CONFIDENTIAL = frozenset(key for kind in EVENTS.values() for key in kind.staff_only())


def person(party: str, people: Mapping[str, Party]) -> Person:
    """A person for those who may know them; one who was erased keeps an id only."""
    known = people.get(party)
    if known is None:
        return Person(id=party, erased=True)
    return Person(
        id=party,
        email=known.email,
        name=known.name,
        company=known.company,
        language=cast(Language, known.language),
        undeliverable=known.undeliverable,
    )


def in_zone(instant: datetime, zone: str) -> datetime:
    """The instant with the offset that the store's zone had then."""
    return instant.astimezone(ZoneInfo(zone))


def is_shown(event: str, role: str) -> bool:
    """Whether a role may read the event at all; names that no class has, as of an earlier version, are shown."""
    kind = EVENTS.get(event)
    return role in STAFF or kind is None or kind.public


def public(data: View, role: str) -> View:
    """What an event says, for a role: why an order is held or a step stopped is for staff only."""
    return data if role in STAFF else {key: data[key] for key in data if key not in _CONFIDENTIAL}
