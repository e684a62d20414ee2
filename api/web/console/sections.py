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


_SEE_STUCK = ("ops", "support", "admin")
SEARCH = Section("search", "/console/search", STAFF_ROLES)
TASKS = Section("tasks", "/console/queues/tasks", STAFF_ROLES)
HOLDS = Section("holds", "/console/queues/holds", ("compliance", "admin"))
UNDELIVERABLE = Section("undeliverable", "/console/queues/undeliverable", _SEE_STUCK)
CAUSES = Section("causes", "/console/queues/causes", _SEE_STUCK)
REPAIRS = Section("repairs", "/console/queues/repairs", _SEE_STUCK)
STOPS = Section("stops", "/console/queues/stops", _SEE_STUCK)
SECTIONS = (TASKS, HOLDS, UNDELIVERABLE, CAUSES, REPAIRS, STOPS)
"""What the bar of every page leads to. The search stands in it as a box."""


RECOVERERS = ("support", "ops", "admin")
"""Who asks that another person follow an admin, and who decides on it."""
SUPPORTERS, OPERATORS, REVIEWERS = ("support",), ("ops",), ("compliance",)
"""Who sends e-mails again, who repairs and notes causes, and who decides on holds."""
APPROVERS = STOPPERS = ("ops", "admin")
"""Who may be the second person of a repair, and who stops charges or e-mail."""


LATER = ("refunds", "documents", "forms", "payments", "breaks")
"""What keeps its place until it comes: refunds, disputed and unmatched payments and breaks with money, the others with accounts."""


def sections_of(role: str) -> tuple[Section, ...]:
    """The sections that a role may open."""
    return tuple(each for each in SECTIONS if role in each.roles)
