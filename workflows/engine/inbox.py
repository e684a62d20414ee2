"""The receipts that a run has not applied yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from activities.contracts.records import ReceivedCommand
from workflows.engine.state import EntityState


class Inbox:
    """Receipts in seq order, each once. The backlog of the previous run comes first."""

    def __init__(self, state: EntityState) -> None:
        self._state = state
        self._waiting, state.backlog = state.backlog, []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def head(self) -> ReceivedCommand | None:
        """The receipt to apply next."""
        return self._waiting[0] if self._waiting else None

    @property
    def is_ahead(self) -> bool:
        """Whether the next receipt was recorded after a transition that this run has not recorded yet, which happens after a reset."""
        return bool(self._waiting) and self._waiting[0].after > self._state.seq

    def enqueue(self, messages: Sequence[ReceivedCommand]) -> None:
        """Adds receipts; one that is already applied or pending is dropped."""
        waiting = {message.seq for message in self._waiting}
        self._waiting += [m for m in messages if m.seq > self._state.last_receipt and m.seq not in waiting]
        self._waiting.sort(key=lambda message: message.seq)

    def take(self) -> ReceivedCommand:
        """Removes and returns the next receipt. Raises IndexError where none is pending."""
        return self._waiting.pop(0)

    def any_before(self, instant: datetime) -> bool:
        """Whether a pending receipt is stamped before the instant. Seq order is not always stamp order."""
        return any(message.at < instant for message in self._waiting)

    def leave(self) -> None:
        """Moves the pending receipts to the state's backlog, for the next run."""
        self._state.backlog = self._waiting
