"""Milestones of a pole, from the texts of a view."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jalon.domain.emails import Milestone


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def reached(label: Any, at: Any) -> Milestone:
    """A milestone that was reached."""
    return Milestone(label, "reached", at=_instant(at))


def awaited(label: Any, until: Any = None) -> Milestone:
    """A milestone that is awaited, until an instant where there is one."""
    return Milestone(label, "awaited", until=_instant(until))
