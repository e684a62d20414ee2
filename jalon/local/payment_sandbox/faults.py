"""Faults on demand: failures of the gateway, for a chosen number of requests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The way in which the gateway fails."""

    TIMEOUT_BEFORE = "timeout_before"
    LATE_COMMIT = "late_commit"
    HANG_AFTER_COMMIT = "hang_after_commit"
    STORED_500 = "stored_500"
    REFUSE_400 = "refuse_400"
    DECLINE = "decline"
    LOSE_REPORT = "lose_report"


class Operation(StrEnum):
    """The operations that a fault can affect."""

    CHARGE = "charge"
    STORE_MANDATE = "store_mandate"
    RELEASE_MANDATE = "release_mandate"
    REFUND = "refund"
    CANCEL = "cancel"
    SETUP = "setup"


@dataclass(slots=True)
class Fault:
    """Affects the next `left` requests of `operation` (any, if None) whose metadata contain all of `match`."""

    id: int
    kind: Kind
    left: int
    match: Mapping[str, str]
    operation: Operation | None
    seconds: float
    after_commit: bool
    code: str | None
    hits: int = 0

    def fits(self, operation: Operation, metadata: Mapping[str, str]) -> bool:
        if self.kind is Kind.LOSE_REPORT or self.left < 1 or self.operation not in (None, operation):
            return False
        return self._matches(metadata)

    def loses(self, metadata: Mapping[str, str]) -> bool:
        return self.kind is Kind.LOSE_REPORT and self.left > 0 and self._matches(metadata)

    def _matches(self, metadata: Mapping[str, str]) -> bool:
        return all(metadata.get(name) == value for name, value in self.match.items())


@dataclass(slots=True)
class Faults:
    """The requested faults, oldest first. They are kept in memory, so a restart removes them."""

    ordered: list[Fault] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def order(
        self,
        kind: Kind,
        *,
        count: int = 1,
        match: Mapping[str, str] | None = None,
        operation: Operation | None = None,
        seconds: float = 30.0,
        after_commit: bool = False,
        code: str | None = None,
    ) -> Fault:
        fault = Fault(next(self._numbers), kind, count, match or {}, operation, seconds, after_commit, code)
        self.ordered.append(fault)
        return fault

    def take(self, operation: Operation, metadata: Mapping[str, str]) -> Fault | None:
        """The first fault that matches, with one of its requests used up; None when none matches."""
        for fault in self.ordered:
            if fault.fits(operation, metadata):
                fault.left -= 1
                fault.hits += 1
                return fault
        return None

    def takes_report(self, metadata: Mapping[str, str]) -> bool:
        """Whether a report about something with this metadata is lost, with one of the fault's hits used up."""
        fault = next((each for each in self.ordered if each.loses(metadata)), None)
        if fault is not None:
            fault.left -= 1
            fault.hits += 1
        return fault is not None

    def clear(self) -> None:
        self.ordered.clear()
