"""The sections of the console, and the roles that may open each: those that may call the API behind it."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.staff import STAFF_ROLES


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its name in the words, where it begins, and who may open it."""

    name: str
    path: str
    roles: tuple[str, ...]


SEARCH = Section("search", "/console/search", STAFF_ROLES)
TASKS = Section("tasks", "/console/queues/tasks", STAFF_ROLES)
HOLDS = Section("holds", "/console/queues/holds", ("compliance", "admin"))
SECTIONS = (TASKS, HOLDS)
"""What the bar of every page leads to. The search stands in it as a box."""


def sections_of(role: str) -> tuple[Section, ...]:
    """The sections that a role may open."""
    return tuple(each for each in SECTIONS if role in each.roles)
