"""How every entity lives: one coroutine that applies messages, meets its agenda and runs its steps, one thing at a time.

`run` of a concrete entity holds only steps; a step waits by `until`, works by `perform`, writes by `mail`, and records
what happened on `transition`. Nothing else waits, so no step names a timer and there are no locks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from pydantic_core import to_jsonable_python
from temporalio import workflow

from activities.contracts import CHECK_CLOSING, RECORD, REST, ClosingCheck, ReceivedCommand, RestNote
from jalon.domain import events
from jalon.domain.calendar.deadlines import extended_by_downtime
from jalon.domain.transition import AuditEntry
from workflows.commands import read_command
from workflows.engine.agenda import AVAILABILITY_RETRY, Entry
from workflows.engine.effects import Effects
from workflows.engine.step import Outcome, Steps
from workflows.engine.transition_builder import TransitionBuilder
from workflows.state import EntityState, known

State = TypeVar("State", bound=EntityState)
EFFECTS_FIRST = timedelta(seconds=30)
"""So long at most an overdue entry of a live store waits for effects under way."""


class Entity(Effects[State], Generic[State]):
    """The life of one entity. A subclass names its `kind`, its steps and its view."""

    kind: ClassVar[str]
    steps: ClassVar[Steps]

    def begin(self, state: State) -> None:
        """Takes up the state this run starts with. Called from `@workflow.init`, since messages may come before `run`."""
        self.state = state
        self.transition = TransitionBuilder()
        self.inbox, state.backlog = state.backlog, []
        self.clock_at = max(state.now, state.clock_at or state.now)
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._overdue: dict[tuple[str, datetime], datetime] = {}
        self._recorded_busy = state.seq > 0
        self._recorded_receipt = state.last_receipt
        self._handling = False
        self.begin_effects()

    # -- messages and clock ticks ----------------------------------------------------------------------------------

    @workflow.update
    async def deliver(self, messages: list[ReceivedCommand]) -> bool:
        """Applies receipts in seq order; returns True once the last one is settled and recorded.

        Returns False at once if this run is continuing-as-new; the next run will apply the messages.
        """
        self._enqueue(messages)
        await workflow.wait_condition(lambda: self._draining or self._recorded_receipt >= messages[-1].seq)
        return self._recorded_receipt >= messages[-1].seq

    @workflow.update
    async def tick(self, at: datetime) -> bool:
        """A sandbox store's clock has come to `at`; answers True when what was due then is handled and recorded.

        Returns False at once if this run is continuing-as-new; the next run meets what is due."""
        self.clock_at = max(self.clock_at, at)
        await workflow.wait_condition(lambda: self._draining or not self._unmet())
        return not self._draining

    @workflow.query
    def view(self) -> dict[str, Any]:
        """The entity's own answer; the projection equals it."""
        return self.as_view()

    def _enqueue(self, messages: list[ReceivedCommand] | tuple[ReceivedCommand, ...]) -> None:
        waiting = {message.seq for message in self.inbox}
        self.inbox += [m for m in messages if m.seq > self.state.last_receipt and m.seq not in waiting]
        self.inbox.sort(key=lambda message: message.seq)

    # -- what a step may do ------------------------------------------------------------------------------------------

    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits for a fact, handling whatever is said or comes due meanwhile; records every change before it rests."""
        while not reached():
            if self._due_now():
                await self._handle(self._come_due(), reached)
            elif self._processable():
                await self._handle(self._apply(self.inbox.pop(0)), reached)
            elif self.transition.dirty:
                await self._record(busy=self._busy)
            else:
                await self._rest(reached)
        await self._record(busy=True)

    async def drain(self) -> None:
        """Ends this run's work for continue-as-new; pending messages and due entries go to the next run."""
        self._draining = True
        self.drain_mail()
        await self.until(lambda: self.idle and workflow.all_handlers_finished())
        self.state.backlog, self.state.clock_at = self.inbox, self.clock_at

    @property
    def history_long(self) -> bool:
        """Whether the engine asks for a shorter history: a step that waits without end makes room for the next run."""
        return workflow.info().is_continue_as_new_suggested()

    @property
    def _busy(self) -> bool:
        return self.working or self._draining

    async def finish(self) -> None:
        """Ends the run once all is answered and recorded, every e-mail is out and no parked step waits for an operator.

        A message may arrive while the last transition is recorded, so the run checks again after it.
        """
        await self.until(lambda: self._finished)

    @property
    def _finished(self) -> bool:
        unrecorded = self.transition.dirty or (self._recorded_busy and not self.state.live)
        awaited = unrecorded or self.inbox or self.working or self.state.parked
        return not awaited and workflow.all_handlers_finished()

    # -- how it lives ------------------------------------------------------------------------------------------------

    def _unmet(self) -> bool:
        return bool(self._due_now() or self.inbox or self._handling or self.transition.dirty)

    def _due_now(self) -> bool:
        """Whether the next entry may be met: not before an earlier message, and in a sandbox not before the entity rests."""
        entry = self.state.agenda.next()
        if entry is None or self._draining or self._replaying_backlog:
            return False
        if self.inbox and entry.due_at > self.inbox[0].at:
            return False
        if self.state.live:
            return workflow.now() >= entry.ripe_at and (not self.working or self._waited_for_effects(entry))
        clock_at = self.inbox[0].at if self.inbox else self.clock_at
        return entry.due_at <= clock_at and (entry.due_at <= self.state.now or not self.working)

    def _waited_for_effects(self, entry: Entry) -> bool:
        """What is under way may make the entry needless, all the more after a reset, when everything is overdue at once."""
        seen = self._overdue.get((entry.key, entry.ripe_at))
        return seen is not None and workflow.now() >= seen + EFFECTS_FIRST

    def _processable(self) -> bool:
        """A message stamped after a closing waits for it, so that each is judged in the order of their instants."""
        kept = self._draining or self._replaying_backlog
        return bool(self.inbox) and not (kept or self.state.agenda.closes_by(self.inbox[0].at))

    @property
    def _replaying_backlog(self) -> bool:
        """After a reset Temporal re-delivers later updates together: a receipt recorded after transition N waits for N."""
        ahead = bool(self.inbox) and self.inbox[0].after > self.state.seq
        return ahead and (self.working or self.transition.dirty)

    async def _handle(self, work: Coroutine[Any, Any, None], reached: Callable[[], bool]) -> None:
        self._handling = True
        await work
        await self._record(busy=self._busy or reached())
        self._handling = False

    async def _apply(self, message: ReceivedCommand) -> None:
        self.state.last_receipt = message.seq
        self.state.now = max(message.at, self.state.now)
        self.clock_at = max(self.clock_at, self.state.now)
        self.transition.settle(message.id, await self._outcome(message))

    async def _outcome(self, message: ReceivedCommand) -> Outcome:
        command = read_command(message.command, message.body)
        return await self.steps.commands[type(command)](self, command, message)

    async def _come_due(self) -> None:
        entry = self.state.agenda.next()
        if entry is None:
            return
        if entry.closing and not await self._may_close(entry):
            return
        self.state.now = max(entry.due_at, self.state.now)
        self.clock_at = max(self.clock_at, entry.due_at)
        self.state.agenda.remove(entry.key)
        self.transition.touch()
        await self.steps.due[entry.what](self, entry)

    async def _may_close(self, entry: Entry) -> bool:
        """Whether nothing keeps the deadline open: an earlier receipt (G3), our downtime (G7) or a parked step."""
        facts = await self.local(
            CHECK_CLOSING,
            ClosingCheck(self.state.store, self.state.id, self.state.live, entry.due_at),
        )
        self._enqueue(facts.pending)
        # Receipts are applied in seq order, so one stamped after the deadline may come before one stamped before it.
        if any(message.at < entry.due_at for message in self.inbox):
            await self._apply(self.inbox.pop(0))
            return False
        if entry.protects != "vendor":
            return True
        if entry.blocked_by is not None and entry.blocked_by in self.state.parked:
            entry.held = True
            event = events.DeadlineHeld(what=entry.what, step=entry.blocked_by)
            self.transition.record_event(entry.due_at, event)
            return False
        if facts.api_silent:
            entry.retry_at = workflow.now() + AVAILABILITY_RETRY
            return False
        closes_at = extended_by_downtime(entry.due_at, facts.outages, self.terms_of_store().calendar)
        if closes_at > entry.due_at:
            self.move(entry, closes_at, "G7")
            return False
        return True

    def move(self, entry: Entry, to: datetime, rule: str | None) -> None:
        """Moves a deadline to a later instant; the customer is told the new date."""
        former, entry.due_at, entry.held = entry.due_at, to, False
        self.state.agenda.put(entry)
        event = events.DeadlineExtended(what=entry.what, former_by=former, new_by=to)
        self.transition.record_event(self.state.now, event, rule)
        self.deadline_moved(entry, former)

    def expire(self, action: str, rule: str | None, data: dict[str, Any] | None = None) -> None:
        """One audit entry for a deadline that took effect (G6)."""
        self.transition.audit(
            AuditEntry(
                known(self.state.now), "system", "system", action, rule, None, to_jsonable_python(data or {})
            )
        )

    async def _record(self, *, busy: bool) -> None:
        if not self.transition.dirty:
            return
        self.state.seq += 1
        last_receipt = self.state.last_receipt
        await self.local(RECORD, self.transition.build(self.state, self.kind, self.as_view(), busy))
        self._recorded_receipt = last_receipt
        self._recorded_busy = busy

    async def _note_rest(self, *, busy: bool) -> None:
        """Tells the test clock that this entity has come to rest; a live store needs no such note."""
        if not self.state.live and self._recorded_busy != busy:
            self._recorded_busy = busy
            await self.local(REST, RestNote(self.state.store, self.state.id, busy))

    async def _rest(self, reached: Callable[[], bool]) -> None:
        await self._note_rest(busy=self._busy)
        self._arm()
        working, timer = self.working, self._timer
        waking = timer is not None and not timer.done()
        await workflow.wait_condition(
            lambda: (
                reached()
                or self._due_now()
                or self._processable()
                or self.transition.dirty
                or self.working != working
                or (waking and timer is not None and timer.done())
            )
        )

    def _arm(self) -> None:
        """One timer, for the earliest entry. One set too early fires, finds nothing due and is set again: cancelling costs an event."""
        entry = self.state.agenda.next()
        if not self.state.live or entry is None or self._draining or self._replaying_backlog:
            return
        ring_at = entry.ripe_at
        if workflow.now() >= ring_at:
            ring_at = self._overdue.setdefault((entry.key, ring_at), workflow.now()) + EFFECTS_FIRST
        if self._timer is not None and not self._timer.done():
            if self._timer_at is not None and self._timer_at <= ring_at:
                return
            self._timer.cancel()
        self._timer_at = ring_at
        self._timer = asyncio.create_task(
            workflow.sleep(max((ring_at - workflow.now()).total_seconds(), 0.001))
        )

    # -- what a kind of entity says of itself ------------------------------------------------------------------------

    def as_view(self) -> dict[str, Any]:
        """The entity for people, without personal data."""
        raise NotImplementedError

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """Tells the customer of a deadline's new date."""
        raise NotImplementedError
