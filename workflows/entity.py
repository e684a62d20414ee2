"""How every entity lives: one coroutine that hears messages, meets its agenda and runs its steps, one thing at a time.

`run` of a concrete entity holds only steps; a step waits by `until`, works by `perform`, writes by `mail`, and says what
happened by `tell`. Nothing else waits, so no step names a timer and there are no locks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, ClassVar, Generic, TypeVar

from pydantic_core import to_jsonable_python
from temporalio import workflow

from activities.contracts import CHECK_CLOSING, RECORD, REST, ClosingCheck, Heard, RestNote
from domain.deadlines import extended_by_downtime
from domain.transition import AuditEntry
from workflows.agenda import DOORS_RETRY, Entry
from workflows.draft import Draft
from workflows.effects import Effects
from workflows.messages import Refused
from workflows.state import EntityState, known

State = TypeVar("State", bound=EntityState)
EFFECTS_FIRST = timedelta(seconds=30)
"""So long at most an overdue entry of a live store waits for effects under way."""

Command = Callable[[Any, Heard], Awaitable[dict[str, Any] | Refused]]
Due = Callable[[Any, Entry], Awaitable[None]]


class Entity(Effects[State], Generic[State]):
    """The life of one entity. A subclass names its `kind`, its step modules and its view."""

    kind: ClassVar[str]
    step_modules: ClassVar[tuple[ModuleType, ...]]

    def begin(self, state: State) -> None:
        """Takes up the state this run starts with. Called from `@workflow.init`, since messages may come before `run`."""
        self.state = state
        self.draft = Draft()
        self.inbox, state.unheard = state.unheard, []
        self.clock_at = max(state.now, state.clock_at or state.now)
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._overdue: dict[tuple[str, datetime], datetime] = {}
        self._recorded_busy = state.seq > 0
        self._recorded_heard = state.heard
        self._handling = False
        self._commands: dict[str, Command] = {}
        self._dues: dict[str, Due] = {}
        for module in self.step_modules:
            self._commands |= getattr(module, "COMMANDS", {})
            self._dues |= getattr(module, "DUE", {})
        self.begin_effects()

    # -- what the outside says ---------------------------------------------------------------------------------------

    @workflow.update
    async def deliver(self, messages: list[Heard]) -> bool:
        """Hears receipts in their order and answers True when the last one is settled and recorded.

        A run that is handing over answers at once, False for what it leaves to the next run to hear.
        """
        self._hear(messages)
        await workflow.wait_condition(lambda: self._leaving or self._recorded_heard >= messages[-1].seq)
        return self._recorded_heard >= messages[-1].seq

    @workflow.update
    async def tick(self, at: datetime) -> bool:
        """A sandbox store's clock has come to `at`; answers True when what was due then is handled and recorded.

        A run that is handing over answers False at once, for what it leaves to the next run to meet."""
        self.clock_at = max(self.clock_at, at)
        await workflow.wait_condition(
            lambda: self._leaving or not (self._due_now() or self.inbox or self._handling or self.draft.dirty)
        )
        return not self._leaving

    @workflow.query
    def view(self) -> dict[str, Any]:
        """The entity's own answer; the projection equals it."""
        return self.as_view()

    def _hear(self, messages: list[Heard] | tuple[Heard, ...]) -> None:
        waiting = {message.seq for message in self.inbox}
        self.inbox += [m for m in messages if m.seq > self.state.heard and m.seq not in waiting]
        self.inbox.sort(key=lambda message: message.seq)

    # -- what a step may do ------------------------------------------------------------------------------------------

    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits for a fact, handling whatever is said or comes due meanwhile; records every change before it rests."""
        while not reached():
            if self._due_now():
                await self._handle(self._come_due(), reached)
            elif self._hearable():
                await self._handle(self._apply(self.inbox.pop(0)), reached)
            elif self.draft.dirty:
                await self._record(busy=self._busy)
            else:
                await self._rest(reached)
        await self._record(busy=True)

    async def hand_over(self) -> None:
        """Brings this run to its end without coming to rest: the next run goes straight on, with what was not heard or met yet."""
        self._leaving = True
        self.leave_mail()
        await self.until(lambda: self.left_to_itself and workflow.all_handlers_finished())
        self.state.unheard, self.state.clock_at = self.inbox, self.clock_at

    @property
    def grown_long(self) -> bool:
        """Whether the engine asks for a shorter history: a step that waits without end makes room for the next run."""
        return workflow.info().is_continue_as_new_suggested()

    @property
    def _busy(self) -> bool:
        return self.working or self._leaving

    async def finish(self) -> None:
        """Ends the run once all is answered and recorded, every e-mail is out and no parked step waits for an operator.

        Something may be said while the last record is written, so the run looks again after it.
        """
        await self.until(lambda: self._at_rest_for_good)

    @property
    def _at_rest_for_good(self) -> bool:
        unrecorded = self.draft.dirty or (self._recorded_busy and not self.state.live)
        awaited = unrecorded or self.inbox or self.working or self.state.parked
        return not awaited and workflow.all_handlers_finished()

    # -- how it lives ------------------------------------------------------------------------------------------------

    def _due_now(self) -> bool:
        """Whether the next entry may be met: not before an earlier message, and in a sandbox not before the entity rests."""
        entry = self.state.agenda.next()
        if entry is None or self._leaving or self._catching_up:
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

    def _hearable(self) -> bool:
        """A message later than a closing waits for it, so that each is judged in the order of their instants."""
        kept = self._leaving or self._catching_up
        return bool(self.inbox) and not (kept or self.state.agenda.closes_by(self.inbox[0].at))

    @property
    def _catching_up(self) -> bool:
        """After a reset everything is said again at once: what was said later in life waits until life has come that far."""
        return (
            bool(self.inbox) and self.inbox[0].after > self.state.seq and (self.working or self.draft.dirty)
        )

    async def _handle(self, work: Coroutine[Any, Any, None], reached: Callable[[], bool]) -> None:
        self._handling = True
        await work
        await self._record(busy=self._busy or reached())
        self._handling = False

    async def _apply(self, message: Heard) -> None:
        self.state.heard = message.seq
        self.state.now = max(message.at, self.state.now)
        self.clock_at = max(self.clock_at, self.state.now)
        command = self._commands.get(message.command)
        if command is None:
            raise LookupError(f"{self.kind} has no command {message.command}")
        outcome = await command(self, message)
        self.draft.settle(message.id, outcome)

    async def _come_due(self) -> None:
        entry = self.state.agenda.next()
        if entry is None:
            return
        if entry.closing and not await self._may_close(entry):
            return
        self.state.now = max(entry.due_at, self.state.now)
        self.clock_at = max(self.clock_at, entry.due_at)
        self.state.agenda.remove(entry.key)
        self.draft.touch()
        await self._dues[entry.what](self, entry)

    async def _may_close(self, entry: Entry) -> bool:
        """Whether nothing keeps the deadline open: an earlier receipt (G3), our downtime (G7) or a parked step."""
        facts = await self.local(
            CHECK_CLOSING,
            ClosingCheck(self.state.store, self.state.id, self.state.live, entry.due_at),
        )
        self._hear(facts.pending)
        # Receipts are heard in the order of their numbers; each is judged by its own stamp, so one of after may go first.
        if any(message.at < entry.due_at for message in self.inbox):
            await self._apply(self.inbox.pop(0))
            return False
        if entry.protects != "vendor":
            return True
        if entry.blocked_by is not None and entry.blocked_by in self.state.parked:
            entry.held = True
            self.draft.tell(
                entry.due_at, "deadline_held", data={"what": entry.what, "step": entry.blocked_by}
            )
            return False
        if facts.doors_silent:
            entry.retry_at = workflow.now() + DOORS_RETRY
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
        self.draft.tell(
            self.state.now,
            "deadline_extended",
            rule,
            data={"what": entry.what, "former_by": former, "new_by": to},
        )
        self.deadline_moved(entry, former)

    def expire(self, action: str, rule: str | None, data: dict[str, Any] | None = None) -> None:
        """One audit entry for a deadline that took effect (G6)."""
        self.draft.audit(
            AuditEntry(
                known(self.state.now), "system", "system", action, rule, None, to_jsonable_python(data or {})
            )
        )

    async def _record(self, *, busy: bool) -> None:
        if not self.draft.dirty:
            return
        self.state.seq += 1
        heard = self.state.heard
        await self.local(RECORD, self.draft.take(self.state, self.kind, self.as_view(), busy))
        self._recorded_heard = heard
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
                or self._hearable()
                or self.draft.dirty
                or self.working != working
                or (waking and timer is not None and timer.done())
            )
        )

    def _arm(self) -> None:
        """One timer, for the earliest entry. One that rings too early is let ring, and then set anew: a timer costs, a look does not."""
        entry = self.state.agenda.next()
        if not self.state.live or entry is None:
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
