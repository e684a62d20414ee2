"""Milestones of a pole."""

from __future__ import annotations

from datetime import datetime

from jalon.domain.emails import Milestone, MilestoneLabel


def reached(label: MilestoneLabel, at: datetime | None) -> Milestone:
    """A milestone that was reached."""
    return Milestone(label, "reached", at=at)


def awaited(label: MilestoneLabel, until: datetime | None = None) -> Milestone:
    """A milestone that is awaited, until an instant where there is one."""
    return Milestone(label, "awaited", until=until)
