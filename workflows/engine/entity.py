"""The workflow of every entity: one coroutine applies messages, processes the agenda and runs the steps, one thing at a time.

`run` of a concrete entity holds only steps. A step waits by `until`, runs effects by `perform`, those that nobody waits for by `beside`,
sends e-mails by `mail`, and records what happened on `transition`. Nothing else waits, so no step names a timer and there are no locks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from pydantic_core import to_jsonable_python
from temporalio import workflow

from activities.contracts.base import ActivityRef
from activities.contracts.records import CHECK_CLOSING, ClosingCheck, ReceivedCommand
from jalon.domain import events
from jalon.domain.emails import Email
from jalon.domain.kinds import Kind
from jalon.domain.terms import StoreTerms
from jalon.domain.transition import AuditEntry
from workflows.engine import effects, options, traces
from workflows.engine.agenda import Entry
from workflows.engine.beside import Beside
from workflows.engine.commands import Resolve, read_command
from workflows.engine.deadlines import AppliesFirst, AsksAgain, Closes, Deadlines, IsExtended, IsHeld
from workflows.engine.effects import Effects
from workflows.engine.inbox import Inbox
from workflows.engine.lifecycle import EntityStart
from workflows.engine.mail import Mail
from workflows.engine.parking import Parking
from workflows.engine.recorder import Recorder
from workflows.engine.state import EntityState, Halted, Parked
from workflows.engine.step import Outcome, StepName, Steps
from workflows.engine.timer import Timer
from workflows.engine.transition_builder import TransitionBuilder

State = TypeVar("State", bound=EntityState)
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Entity(Generic[State]):
    """The workflow of one entity. A subclass names its `kind`, its steps, the effects that can be parked, and its view."""

    kind: ClassVar[Kind[Any]]
    steps: ClassVar[Steps]
    effects: ClassVar[frozenset[StepName]] = frozenset({StepName.MAIL})

    def begin(self, start: EntityStart, state: State) -> None:
        """Sets the state that this run starts with. Called from `@workflow.init`, since messages may arrive before `run`."""
        self.state, self.transition = state, TransitionBuilder()
        self._inbox = Inbox(state)
        self._deadlines = Deadlines(state, self._inbox)
        self._parking = Parking(state, self.transition)
        redated = partial(self.steps.redated, self)
        self._effects = Effects(self._parking, self._move_blocked, redated, lambda: self._handling)
        self._mail = Mail(state, self.transition, self._parking, self._effects, self.steps.hooks_of(self))
        self.beside = Beside(self._parking, self._effects)
        self._recorder = Recorder(self.kind.name, state, self.transition, self.local, self.as_view)
        self._timer, self._handling = Timer(), False
        self.enqueue([start.first] if start.first is not None else [])

    # -- messages and clock ticks ----------------------------------------------------------------------------------

    @workflow.update
    async def deliver(self, messages: list[ReceivedCommand]) -> bool:
        """Applies receipts in seq order; returns True once the last one is settled and recorded.

        Returns False at once if this run is continuing-as-new; the next run will apply the messages.
        """
        self.enqueue(messages)
        last = messages[-1].seq
        await workflow.wait_condition(lambda: self._effects.draining or self._recorder.last_receipt >= last)
        return self._recorder.last_receipt >= last

    @workflow.update
    async def tick(self, at: datetime) -> bool:
        """Receives the instant of a sandbox store's clock; returns True when everything due by then is processed and recorded.

        Returns False at once if this run is continuing-as-new; the next run processes what is due.
        """
        self._deadlines.reach(at)
        await workflow.wait_condition(lambda: self._effects.draining or not self._unmet())
        return not self._effects.draining

    @workflow.query
    def view(self) -> dict[str, Any]:
        """The projection computed from the workflow's state; the recorded projection equals it."""
        return self.as_view()

    def enqueue(self, messages: Sequence[ReceivedCommand]) -> None:
        """Adds receipts to the inbox, to be applied in seq order."""
        self._inbox.enqueue(messages)

    # -- called by steps ---------------------------------------------------------------------------------------------

    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits for a condition while it applies messages and processes due entries. Every change is recorded before the next wait."""
        while not reached():
            if self._due_now():
                await self._handle(self._come_due(), reached)
            elif self._processable():
                await self._handle(self._apply(self._inbox.take()), reached)
            elif self.transition.dirty:
                await self._recorder.record(busy=self._busy)
            else:
                await self._rest(reached)
        await self._recorder.record(busy=True)

    async def perform(
        self, step: str, ref: ActivityRef[Asked, Answer], request: Asked, budget: options.Budget
    ) -> Answer:
        """Runs one outside effect; the entity applies messages meanwhile.

        When its budget is spent the step parks until an operator resolves it. Raises Skipped and Compensated then.
        """
        task = self._effects.watch(asyncio.create_task(self._effects.perform(step, ref, request, budget)))
        with traces.kept():
            await self.until(task.done)
        return self._effects.result_of(step, task)

    async def local(self, ref: ActivityRef[Asked, Answer], request: Asked) -> Answer:
        """Runs one database activity. It is retried without limit and never parks."""
        return await effects.local(ref, request)

    def mail(
        self,
        email: Email,
        occurrence: str,
        party: str,
        subject: str = "",
        about: str | None = None,
        people: tuple[str, ...] = (),
    ) -> None:
        """Sends an e-mail once under its `occurrence`, unwaited. `subject` details its link; it mentions `about`, and lists `people`."""
        self._mail.send(email, occurrence, party, subject, about, people, self.support_route())

    def resume_mail(self) -> None:
        """Resumes the e-mails that an earlier run left unsent. Called from `run`, where tasks may start."""
        self._mail.resume()

    def resolve(self, resolution: Resolve) -> None:
        """Passes an operator's resolution to a parked step, which continues at once."""
        self._parking.resolve(resolution)

    def move(self, entry: Entry, to: datetime, rule: str | None) -> None:
        """Moves a deadline to a later instant and notifies the customer of the new date."""
        former, entry = entry.due_at, self.state.agenda.postponed(entry, to)
        event = events.DeadlineExtended(what=entry.what, former_by=former, new_by=to)
        self.transition.record_event(self.state.now, event, rule)
        self.deadline_moved(entry, former)

    def expire(self, action: str, rule: str | None, data: dict[str, Any] | None = None) -> None:
        """Adds the audit entry of a deadline that took effect (G6)."""
        facts = to_jsonable_python(data or {})
        self.transition.audit(AuditEntry(self.state.now, "system", "system", action, rule, None, facts))

    @property
    def history_long(self) -> bool:
        """Whether Temporal suggests continue-as-new. A step without an end then makes way for the next run."""
        return workflow.info().is_continue_as_new_suggested()

    async def drain(self) -> None:
        """Ends this run's work for continue-as-new; pending messages and due entries go to the next run."""
        self._effects.draining = True
        self._mail.drain()
        self.beside.drain()
        await self.until(lambda: self._effects.idle and workflow.all_handlers_finished())
        self._inbox.leave()
        self.state.clock_at = self._deadlines.clock_at

    async def finish(self) -> None:
        """Ends the run once every message is answered and recorded, every e-mail is sent and no parked step waits for an operator.

        A message may arrive while the last transition is recorded, so the run checks again afterwards.
        """
        await self.until(lambda: self._finished)

    @property
    def _finished(self) -> bool:
        unrecorded = self.transition.dirty or (self._recorder.busy and not self.state.live)
        awaited = unrecorded or self._inbox or self._effects.working or self.state.parked or self.state.halted
        return not awaited and workflow.all_handlers_finished()

    # -- the loop of a run -------------------------------------------------------------------------------------------

    @property
    def _busy(self) -> bool:
        return self._effects.working or self._effects.draining

    def _unmet(self) -> bool:
        return bool(self._due_now() or self._inbox or self._handling or self.transition.dirty)

    @property
    def _keeps_still(self) -> bool:
        """Whether nothing is processed: the run is draining, or a reset put it before the transition that its next receipt follows."""
        replaying = self._inbox.is_ahead and (self._effects.working or self.transition.dirty)
        return self._effects.draining or replaying

    def _due_now(self) -> bool:
        return not self._keeps_still and self._deadlines.is_due(workflow.now(), working=self._effects.working)

    def _processable(self) -> bool:
        return not self._keeps_still and self._deadlines.is_processable()

    async def _handle(self, work: Coroutine[Any, Any, None], reached: Callable[[], bool]) -> None:
        self._handling = True
        await work
        await self._recorder.record(busy=self._busy or reached())
        self._handling = False

    async def _apply(self, message: ReceivedCommand) -> None:
        self.state.last_receipt, self.state.now = message.seq, max(message.at, self.state.now)
        self._deadlines.reach(self.state.now)
        with traces.applying(self.state.id, message):
            self.transition.settle(message.id, await self.outcome_of(message))

    async def outcome_of(self, message: ReceivedCommand) -> Outcome:
        """The outcome of the step that takes the command."""
        command = read_command(self.steps.named, message.command, message.body)
        return await self.steps.commands[type(command)](self, command, message)

    async def _come_due(self) -> None:
        entry = self.state.agenda.next()
        if entry is None or (entry.closing and not await self._may_close(entry)):
            return
        traces.come_due(self.state.id, entry)
        self.state.now = max(entry.due_at, self.state.now)
        self._deadlines.reach(entry.due_at)
        self.state.agenda.remove(entry.key)
        self.transition.touch()
        await self.steps.due[entry.what](self, entry)

    async def _may_close(self, entry: Entry) -> bool:
        """Asks PostgreSQL for the facts of a closing, and carries out the verdict."""
        check = ClosingCheck(self.state.store, self.state.id, self.state.live, entry.due_at)
        facts = await self.local(CHECK_CLOSING, check)
        self.enqueue(facts.pending)
        verdict = self._deadlines.judge(entry, facts, self.terms_of_store().calendar, workflow.now())
        match verdict:
            case Closes():
                return True
            case AppliesFirst():
                await self._apply(self._inbox.take())
            case IsHeld(step):
                entry.held = True
                self.transition.record_event(entry.due_at, events.DeadlineHeld(what=entry.what, step=step))
            case AsksAgain(at):
                entry.retry_at = at
            case IsExtended(to):
                self.move(entry, to, "G7")
        return False

    async def _rest(self, reached: Callable[[], bool]) -> None:
        # After a reset what follows is in the inbox already, and what was sent then is sent now: it is withdrawn only at rest.
        if not self._inbox:
            self._mail.withdraw()
        await self._recorder.note_rest(busy=self._busy)
        ring_at = None if self._keeps_still else self._deadlines.ring_at(workflow.now())
        if ring_at is not None:
            self._timer.arm(ring_at)
        working, timer = self._effects.working, self._timer.running
        await workflow.wait_condition(
            lambda: (
                reached()
                or self._due_now()
                or self._processable()
                or self.transition.dirty
                or self._effects.working != working
                or (timer is not None and timer.done())
            )
        )

    def _move_blocked(self, stood: Parked | Halted) -> None:
        """Moves the deadlines that the step blocked and that protect the vendor, by the time it stood still in whole days."""
        for entry, to in self._parking.extensions(stood, workflow.now(), self.terms_of_store().calendar):
            self.move(entry, to, None)

    # -- defined by each kind ----------------------------------------------------------------------------------------

    def as_view(self) -> dict[str, Any]:
        """The entity as people read it, without personal data."""
        raise NotImplementedError

    def terms_of_store(self) -> StoreTerms:
        """The store's terms that apply to this entity."""
        raise NotImplementedError

    def support_route(self) -> str | None:
        """The product's own support contact, where it has one (T14)."""

    def deadline_moved(self, entry: Entry, former: datetime) -> None:
        """Notifies the customer of a deadline's new date."""
        raise NotImplementedError
