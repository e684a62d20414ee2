"""Decides which parts of an entity or event a role may see, and puts people in place of party ids."""

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
"""The roles that may read why a step stopped, or why an order is on export hold. Customers are never shown this (E-mails: hold)."""

_CONFIDENTIAL = frozenset(key for kind in EVENTS.values() for key in kind.staff_only())


def person(party: str, people: Mapping[str, Party], names: str | None = None) -> Person:
    """A person for roles that may know people, under the names of the record `names` where there is one (X18).

    Of an erased person only the id is left.
    """
    known = people.get(names or party)
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
    """The instant with the offset that the store's zone has at that instant."""
    return instant.astimezone(ZoneInfo(zone))


def is_shown(event: str, role: str) -> bool:
    """Whether a role may read the event. Names without a class, as from an earlier version, are shown."""
    kind = EVENTS.get(event)
    return role in STAFF or kind is None or kind.public


def public(data: View, role: str) -> View:
    """The data of an event for a role. The reasons of a hold or a stopped step are for staff only."""
    return data if role in STAFF else {key: data[key] for key in data if key not in _CONFIDENTIAL}
