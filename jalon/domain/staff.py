"""Who works at the console: the roles of staff, and what an identity provider's claim grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

STAFF_ROLES = ("support", "ops", "compliance", "admin")
"""The roles of people who work at the console."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the stores it is good for: ids, or ("*",) for all."""

    role: str
    stores: tuple[str, ...]


def grants_of(values: Iterable[str], mapping: Mapping[str, Grant]) -> tuple[Grant, ...]:
    """What these values of a claim grant: each role once, with the stores of all its values together, in the order of STAFF_ROLES."""
    stores: dict[str, dict[str, None]] = {}
    for value in values:
        if (grant := mapping.get(value)) is not None:
            stores.setdefault(grant.role, {}).update(dict.fromkeys(grant.stores))
    return tuple(Grant(role, tuple(stores[role])) for role in STAFF_ROLES if role in stores)
