"""Parked steps: they wait for an operator, and the deadlines that they block move by the parked time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_jsonable_python
from temporalio import workflow

from jalon.domain import events
from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import OUTAGE_TOLERATED, extended_by_parking
from jalon.domain.parking import fingerprint
from jalon.domain.stops import Stop
from workflows.engine.agenda import Entry
from workflows.engine.commands import Resolve
from workflows.engine.state import EntityState, Halted, Parked
from workflows.engine.step import StepName
from workflows.engine.transition_builder import TransitionBuilder


@dataclass
class Parking:
    """The parked steps of one run. `waiting` are those whose task waits here; `resolutions` are those not taken up yet.

    `told` is called when a step parks, by step.
    """

    state: EntityState
    transition: TransitionBuilder
    waiting: set[str] = field(default_factory=set)
    resolutions: dict[str, Resolve] = field(default_factory=dict)
    told: dict[str, Callable[[], None]] = field(default_factory=dict)

    def is_requested(self, step: str) -> bool:
        """Whether the step is to stop before its next effect: an operator asked for it, or it was parked in an earlier run."""
        return step in self.state.park_requested or step in self.state.parked

    def park(self, step: str, request: Any, cause: str, real_now: datetime) -> None:
        """Parks a step that cannot continue. `real_now` is real time, never a test clock's."""
        self._park(step, request, cause, real_now, "system", None)

    def _park(
        self, step: str, request: Any, cause: str, real_now: datetime, actor: str, reason: str | None
    ) -> None:
        group = fingerprint(step, cause)
        self._no_longer_resumed(step)
        self.state.parked[step] = Parked(
            step, cause, group, self.state.now, real_now, to_jsonable_python(request), actor, reason
        )
        event = events.StepParked(step=step, cause=cause, fingerprint=group)
        self.transition.record_event(self.state.now, event, actor=actor)
        if step in self.told:
            self.told[step]()

    async def until_resolved(self, step: str, request: Any) -> tuple[Parked, Resolve]:
        """Waits for the operator; returns the parked step and the resolution."""
        requested = self.state.park_requested.pop(step, None)
        if step not in self.state.parked:
            self._park(step, request, "operator", workflow.now(), "operator", requested)
        self.waiting.add(step)
        await workflow.wait_condition(lambda: step in self.resolutions)
        self.waiting.discard(step)
        resolution, parked = self.resolutions.pop(step), self.state.parked.pop(step)
        self._goes_on(parked)
        if resolution.action != "skip":
            self.state.resumed.append(step)
        return parked, resolution

    def halt(self, step: str, stop: Stop, real_now: datetime) -> None:
        """Records that an emergency stop holds the step; one that an earlier run recorded keeps its instants."""
        if step not in self.state.halted:
            self.state.halted[step] = Halted(step, stop, self.state.now, real_now)
            self.transition.touch()

    async def until_lifted(self, step: str, lifted: Callable[[], bool]) -> None:
        """Waits while an emergency stop holds the step, or until it is given up or asked to park."""
        self.waiting.add(step)
        try:
            await workflow.wait_condition(
                lambda: lifted() or step in self.resolutions or step in self.state.park_requested
            )
        finally:
            self.waiting.discard(step)

    def lift(self, step: str) -> Halted | None:
        """Lets a step go on that an emergency stop held, and returns it; None where none did."""
        halted = self.state.halted.pop(step, None)
        if halted is not None:
            self._goes_on(halted)
        return halted

    def _goes_on(self, stood: Parked | Halted) -> None:
        if StepName.of(stood.step) is not StepName.MAIL:
            self.state.parked_time += self._time_of(stood, workflow.now())
        self.transition.touch()

    def settle(self, step: str) -> None:
        """Records that the effect of a step came to its end, where an operator had sent the step on."""
        if self._no_longer_resumed(step):
            self.transition.record_event(self.state.now, events.StepSettled(step=step))

    def settle_all(self) -> None:
        """Records that what was given up is undone. E-mails go on by themselves."""
        for step in list(self.state.resumed):
            if StepName.of(step) is not StepName.MAIL:
                self.settle(step)

    def _no_longer_resumed(self, step: str) -> bool:
        if step not in self.state.resumed:
            return False
        self.state.resumed.remove(step)
        return True

    def forget(self, step: str) -> None:
        """Lets go of a step whose effect is not wanted any more, parked or not."""
        self.settle(step)
        self.state.parked.pop(step, None)
        self.state.halted.pop(step, None)
        self.state.park_requested.pop(step, None)
        self.resolutions.pop(step, None)
        self.waiting.discard(step)

    def resolve(self, resolution: Resolve) -> None:
        """Passes an operator's resolution to a parked step, which continues at once."""
        self.resolutions[resolution.step] = resolution

    def extensions(
        self, stood: Parked | Halted, real_now: datetime, calendar: Calendar
    ) -> Iterator[tuple[Entry, datetime]]:
        """The deadlines that the step blocked and that protect the vendor, each with its new instant, moved by whole days.

        A short emergency stop moves those alone that came due in it.
        """
        stood_for = self._time_of(stood, real_now)
        short = isinstance(stood, Halted) and stood_for <= OUTAGE_TOLERATED
        for entry in list(self.state.agenda.entries):
            if entry.protects == "vendor" and entry.blocked_by == stood.step and (entry.held or not short):
                yield entry, extended_by_parking(entry.due_at, stood_for, calendar)

    def _time_of(self, stood: Parked | Halted, real_now: datetime) -> timedelta:
        return real_now - stood.real_since if self.state.live else self.state.now - stood.since
