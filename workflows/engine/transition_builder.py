"""Gathers the changes since the last recorded transition, until the next transition is built."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from jalon.domain.events import Event
from jalon.domain.transition import AuditEntry, EntityMessage, Settled, TimelineEntry, Transition
from workflows.engine.commands import Later, Refused
from workflows.engine.state import EntityState


class TransitionBuilder:
    """Gathers one transition. `dirty` while a change is not recorded."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._timeline: list[TimelineEntry] = []
        self._audit: list[AuditEntry] = []
        self._settled: list[Settled] = []
        self._messages: list[EntityMessage] = []
        self._touched = False

    @property
    def dirty(self) -> bool:
        """Whether a change is not recorded yet."""
        return self._touched or bool(self._timeline or self._audit or self._settled or self._messages)

    def touch(self) -> None:
        """Records that the agenda changed without an event, so that the projection follows it."""
        self._touched = True

    def record_event(
        self,
        at: datetime,
        event: Event,
        rule: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Adds an event: one line of the timeline and one event of the outbox. `rule` is for an event that names no rule itself."""
        data = to_jsonable_python(event.data())
        self._timeline.append(TimelineEntry(at, event.name, event.rule or rule, actor, data))

    def audit(self, entry: AuditEntry) -> None:
        """Adds an audit entry for the act of a person, or for an expiry."""
        self._audit.append(entry)

    def send(self, message: EntityMessage) -> None:
        """Adds a command for another entity, sent with the transition."""
        self._messages.append(message)

    def settle(self, receipt: str, outcome: dict[str, Any] | Refused | Later) -> None:
        """Adds the outcome of a receipt. Later leaves the receipt to a step that settles it."""
        if isinstance(outcome, Later):
            self.touch()
        elif isinstance(outcome, Refused):
            refusal = {"status": outcome.status, "violations": to_jsonable_python(outcome.violations)}
            self._settled.append(Settled(receipt, False, refusal))
        else:
            self._settled.append(Settled(receipt, True, to_jsonable_python(outcome)))

    def build(self, state: EntityState, kind: str, view: dict[str, Any], busy: bool) -> Transition:
        """The gathered transition; the builder is empty afterwards."""
        entry = state.agenda.next()
        transition = Transition(
            store=state.store,
            kind=kind,
            entity=state.id,
            seq=state.seq,
            at=state.now,
            status=state.status,
            view=to_jsonable_python(view),
            next_due_at=entry.due_at if entry else None,
            busy=busy,
            timeline=tuple(self._timeline),
            audit=tuple(self._audit),
            settled=tuple(self._settled),
            messages=tuple(self._messages),
        )
        self._clear()
        return transition
