"""The request to advance a test clock."""

from __future__ import annotations

from dataclasses import dataclass

from activities.contracts.base import ActivityRef, Done


@dataclass(frozen=True)
class Walk:
    """One advance of a store's test clock."""

    store: str
    advance: str


WALK = ActivityRef("walk", Walk, Done)
