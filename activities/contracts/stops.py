"""The request to wait for the end of an emergency stop, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.stops import Stop


@dataclass(frozen=True)
class Halt:
    """What an entity of a store waits for."""

    store: str
    what: Stop


@dataclass(frozen=True)
class Lifted:
    """The stop is lifted; `at` is the store's present instant."""

    at: datetime


AWAIT_LIFTING = ActivityRef("await_lifting", Halt, Lifted)
