"""Test clocks as answers."""

from __future__ import annotations

from datetime import datetime

from api.http.answers import Answer
from api.v1.catalog.answers import Event


class Clock(Answer):
    """A sandbox store's clock, with the events of its last advance. Instants carry the offset of the store's zone.

    `advancing_to` is set while it advances; `delivered` counts the entries that came due on the way. `unsettled` lists the entities that
    the advance waits for, `parked` those that wait for an operator.
    """

    store: str
    now: datetime
    advancing_to: datetime | None
    delivered: int
    unsettled: list[str]
    parked: list[str]
    events: list[Event]
