"""Failures on request: the next messages, to anyone or to one recipient, go wrong in one chosen way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a message goes wrong."""

    REFUSE_451 = "refuse_451"
    """Answered 451: not now. Not kept."""
    REFUSE_554 = "refuse_554"
    """Answered 554: never. Not kept."""
    DROP_AFTER_DATA = "drop_after_data"
    """Kept, then the connection is cut before the answer: the sender cannot know."""
    STALL = "stall"
    """Kept, then no answer ever comes."""


@dataclass(slots=True)
class Fault:
    """`count` messages still to go wrong; `to` is one recipient, "" for any."""

    kind: Kind
    count: int
    to: str


class Faults:
    """The failures that are still due, used up in the order they were asked for."""

    def __init__(self) -> None:
        self._due: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Ask for failures."""
        self._due.append(fault)

    def take(self, recipients: list[str]) -> Kind | None:
        """The failure due for a message to these recipients, used up by asking."""
        lowered = {recipient.lower() for recipient in recipients}
        for fault in self._due:
            if not fault.to or fault.to.lower() in lowered:
                fault.count -= 1
                self._due = [each for each in self._due if each.count > 0]
                return fault.kind
        return None

    def due(self) -> list[Fault]:
        """What is still to come."""
        return list(self._due)

    def clear(self) -> None:
        """Behave again."""
        self._due.clear()
