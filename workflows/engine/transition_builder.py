"""Gathers what changed since the last recorded transition, until the next one is built."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from jalon.domain.events import Event
from jalon.domain.transition import AuditEntry, EntityMessage, Settled, TimelineEntry, Transition
from workflows.engine.commands import Refused
from workflows.engine.state import EntityState


class TransitionBuilder:
    """Collects one transition. `dirty` while something waits to be recorded."""

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
        """Whether something is not recorded yet."""
        return self._touched or bool(self._timeline or self._audit or self._settled or self._messages)

    def touch(self) -> None:
        """The agenda changed without anything to tell of; the projection must follow it all the same."""
        self._touched = True

    def record_event(
        self,
        at: datetime,
        event: Event,
        rule: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Something happened: one line of the timeline, and one event for those who listen. `rule` is for an event without its own."""
        data = to_jsonable_python(event.data())
        self._timeline.append(TimelineEntry(at, event.name, event.rule or rule, actor, data))

    def audit(self, entry: AuditEntry) -> None:
        """Somebody, or an expiry, did something that must be traceable."""
        self._audit.append(entry)

    def send(self, message: EntityMessage) -> None:
        """A command for another entity, sent with the transition."""
        self._messages.append(message)

    def settle(self, receipt: str, outcome: dict[str, Any] | Refused) -> None:
        """What became of a receipt."""
        if isinstance(outcome, Refused):
            refusal = {"status": outcome.status, "violations": to_jsonable_python(outcome.violations)}
            self._settled.append(Settled(receipt, False, refusal))
        else:
            self._settled.append(Settled(receipt, True, to_jsonable_python(outcome)))

    def build(self, state: EntityState, kind: str, view: dict[str, Any], busy: bool) -> Transition:
        """Everything gathered, as the transition to record; the builder is empty again."""
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
