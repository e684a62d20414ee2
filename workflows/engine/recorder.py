"""Records an entity's transitions in PostgreSQL, and whether effects are under way for the test clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activities.contracts.base import ActivityRef
from activities.contracts.records import RECORD, REST, RestNote
from workflows.engine.state import EntityState
from workflows.engine.transition_builder import TransitionBuilder

Write = Callable[[ActivityRef[Any, Any], Any], Any]
View = Callable[[], dict[str, Any]]


class Recorder:
    """The recording of one run.

    `last_receipt` is the highest seq with a recorded outcome; `busy` is the last recorded note of effects.
    """

    def __init__(
        self, kind: str, state: EntityState, transition: TransitionBuilder, write: Write, view: View
    ) -> None:
        self._kind = kind
        self._state = state
        self._transition = transition
        self._write = write
        self._view = view
        self.busy = state.seq > 0
        self.last_receipt = state.last_receipt

    async def record(self, *, busy: bool) -> None:
        """Records what changed since the last transition, if anything did."""
        if not self._transition.dirty:
            return
        self._state.seq += 1
        last_receipt = self._state.last_receipt
        await self._write(RECORD, self._transition.build(self._state, self._kind, self._view(), busy))
        self.last_receipt = last_receipt
        self.busy = busy

    async def note_rest(self, *, busy: bool) -> None:
        """Records for the test clock whether effects are under way; a live store needs no such note."""
        if not self._state.live and self.busy != busy:
            self.busy = busy
            await self._write(REST, RestNote(self._state.store, self._state.id, busy))
