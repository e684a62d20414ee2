"""Failures on request: the next messages, to anyone or to one recipient, fail in a chosen way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The way in which a message fails."""

    REFUSE_451 = "refuse_451"
    """Answered 451, a temporary refusal. Not stored."""
    REFUSE_554 = "refuse_554"
    """Answered 554, a permanent refusal. Not stored."""
    DROP_AFTER_DATA = "drop_after_data"
    """Stored, then the connection is cut before the answer, so the sender cannot know the result."""
    STALL = "stall"
    """Stored, and never answered."""


@dataclass(slots=True)
class Fault:
    """`count` messages are still to fail; `to` is one recipient, "" for any."""

    kind: Kind
    count: int
    to: str


class Faults:
    """The failures that are still due, used in the order of the requests for them."""

    def __init__(self) -> None:
        self._due: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Adds a failure."""
        self._due.append(fault)

    def take(self, recipients: list[str]) -> Kind | None:
        """The failure due for a message to these recipients, which is then used up; None when none is due."""
        lowered = {recipient.lower() for recipient in recipients}
        for fault in self._due:
            if not fault.to or fault.to.lower() in lowered:
                fault.count -= 1
                self._due = [each for each in self._due if each.count > 0]
                return fault.kind
        return None

    def due(self) -> list[Fault]:
        """The failures that are still due."""
        return list(self._due)

    def clear(self) -> None:
        """Removes all failures."""
        self._due.clear()
