"""How an entity acts on the world: local database writes, effects that may park, and e-mails beside the course of its life."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic_core import to_jsonable_python
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.exceptions import TimeoutError as TimedOut

from activities.contracts import SEND_MAIL, ActivityRef, MailRequest
from jalon.domain import events
from jalon.domain.calendar.deadlines import extended_by_parking
from jalon.domain.emails import Email
from jalon.domain.parking import fingerprint
from jalon.domain.terms import StoreTerms
from workflows.commands import Resolve, adapter
from workflows.engine import options
from workflows.engine.agenda import Entry
from workflows.engine.step import Steps, mail_step
from workflows.engine.transition_builder import TransitionBuilder
from workflows.state import EntityState, Parked

State = TypeVar("State", bound=EntityState)
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


# What a local activity's failure comes as differs with its cause, and a timeout's with whether it is replayed (seen in SDK
# 1.35): all three, or a worker that replays takes another course than the history and the entity is stuck.
LOCAL_FAULTS = (ActivityError, ApplicationError, TimedOut)

# Our own database being away uses up no provider's budget: the step begins again with a whole one and never parks.
DATABASE_FAULTS = frozenset({"InterfaceError", "OperationalError"})


class Compensated(Exception):
    """An operator gave up a parked step: what it and its forerunners did is to be undone."""


class Skipped(Exception):
    """An operator skipped a parked step, with evidence of how the effect came about without us."""

    def __init__(self, evidence: dict[str, Any]) -> None:
        super().__init__("skipped")
        self.evidence = evidence


class Effects(Generic[State]):
    """The effects side of an entity."""

    state: State
    transition: TransitionBuilder
    steps: ClassVar[Steps]

    def begin_effects(self) -> None:
        """Takes up this run's effects; e-mails that the run before left parked go on waiting here."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._mails: dict[str, asyncio.Task[None]] = {}
        self._draining = False
        self._waiting: set[str] = set()
        self._resolutions: dict[str, Resolve] = {}

    def resume_mail(self) -> None:
        """Sends on what an earlier run left unsent. Called from `run`, where tasks may start."""
        for step in self.state.outgoing:
            self._start_mail(step)

    def drain_mail(self) -> None:
        """Leaves unsent mail to the next run, so that a mail server that is away holds nothing up. An attempt under way is waited for."""
        for step, task in self._mails.items():
            if step not in self._waiting:
                task.cancel()

    @property
    def idle(self) -> bool:
        """Whether neither an effect nor an operator's word is under way, so that nothing is lost with this run."""
        return not (self.working or self._resolutions)

    @property
    def working(self) -> bool:
        """Whether an effect is under way that waits for nobody."""
        return len([task for task in self._tasks if not task.done()]) > len(self._waiting)

    async def local(self, ref: ActivityRef[Asked, Answer], request: Asked) -> Answer:
        """Runs a database activity as a local activity; if that times out or fails, as a normal one on the database queue.

        There retries are unlimited. `activities.stalls` lists failures that are not database outages.
        """
        try:
            written: Answer = await workflow.execute_local_activity(
                ref.name,
                request,
                result_type=ref.answer,
                schedule_to_close_timeout=options.LOCAL_WRITE,
                retry_policy=options.LOCAL_RETRIES,
            )
        except LOCAL_FAULTS:
            continued: Answer = await workflow.execute_activity(
                ref.name,
                request,
                result_type=ref.answer,
                start_to_close_timeout=options.DATABASE_ATTEMPT,
                retry_policy=options.FOR_EVER,
                task_queue=workflow.info().task_queue + options.DATABASE_QUEUE_SUFFIX,
            )
            return continued
        else:
            return written

    async def perform(
        self, step: str, ref: ActivityRef[Asked, Answer], request: Asked, budget: options.Budget
    ) -> Answer:
        """One effect on the outside world, with the entity hearing messages meanwhile.

        When its budget is spent the step parks until an operator resolves it. Raises Skipped and Compensated then.
        """
        task = asyncio.create_task(self._effect(step, ref, request, budget))
        self._tasks.add(task)
        await self.until(task.done)
        self._tasks.discard(task)
        return task.result()

    # The entity gives these; see workflows.engine.entity.
    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits for a fact."""
        raise NotImplementedError

    def terms_of_store(self) -> StoreTerms:
        """The store's terms this entity lives by."""
        raise NotImplementedError

    def support_route(self) -> str | None:
        """The product's own route to help, where it has one (T14)."""

    def move(self, entry: Entry, to: datetime, rule: str | None) -> None:
        """Moves a deadline to a later instant."""
        raise NotImplementedError

    async def _effect(
        self, step: str, ref: ActivityRef[Asked, Answer], request: Asked, budget: options.Budget
    ) -> Answer:
        while True:
            if step in self.state.park_requested:
                request = await self._parked(step, request)
            try:
                answer: Answer = await workflow.execute_activity(
                    ref.name,
                    request,
                    result_type=ref.answer,
                    start_to_close_timeout=budget.attempt,
                    retry_policy=budget.retry,
                    cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                )
            except ActivityError as error:
                if self._draining:
                    raise
                cause = _cause_of(error)
                if cause in DATABASE_FAULTS:
                    continue
                self._park(step, request, cause)
            else:
                return answer
            request = await self._parked(step, request)

    def _park(
        self, step: str, request: Any, cause: str, actor: str = "system", reason: str | None = None
    ) -> None:
        group = fingerprint(step, cause)
        self.state.parked[step] = Parked(
            step,
            cause,
            group,
            self.state.now,
            workflow.now(),
            to_jsonable_python(request),
            actor,
            reason,
        )
        event = events.StepParked(step=step, cause=cause, fingerprint=group)
        self.transition.record_event(self.state.now, event, actor=actor)

    async def _parked(self, step: str, request: Asked) -> Asked:
        """Waits for the operator; returns the request to go on with."""
        requested = self.state.park_requested.pop(step, None)
        if step not in self.state.parked:
            self._park(step, request, "operator", "operator", requested)
        self._waiting.add(step)
        await workflow.wait_condition(lambda: step in self._resolutions)
        self._waiting.discard(step)
        resolution = self._resolutions.pop(step)
        parked = self.state.parked.pop(step)
        self.transition.touch()
        self._after_parking(parked)
        if resolution.action == "skip":
            raise Skipped(resolution.evidence or {})
        if resolution.action == "compensate":
            raise Compensated
        if resolution.edit:
            request = adapter(type(request)).validate_python(resolution.edit)
        return self._as_of_now(request)

    def _as_of_now(self, request: Asked) -> Asked:
        """Re-dates a parked request to the instant at which the operator resolved it."""
        if hasattr(request, "at"):
            request = dataclasses.replace(request, at=self.state.now)  # type: ignore[type-var]
        redate = self.steps.redate.get(request.template) if isinstance(request, MailRequest) else None
        return cast("Asked", redate(self, request)) if redate is not None else request  # type: ignore[arg-type]

    def resolve(self, resolution: Resolve) -> None:
        """An operator's word on a parked step; the step takes it up at once."""
        self._resolutions[resolution.step] = resolution

    def _after_parking(self, parked: Parked) -> None:
        """Deadlines that protect the vendor and were blocked by the step move by the parked time, in whole days."""
        calendar = self.terms_of_store().calendar
        parked_for = (
            (workflow.now() - parked.real_since) if self.state.live else (self.state.now - parked.since)
        )
        for entry in list(self.state.agenda.entries):
            if entry.protects == "vendor" and entry.blocked_by == parked.step:
                self.move(entry, extended_by_parking(entry.due_at, parked_for, calendar), None)

    # -- e-mail ------------------------------------------------------------------------------------------------------

    def mail(
        self, email: Email, occurrence: str, party: str, subject: str = "", about: str | None = None
    ) -> None:
        """Sends an e-mail beside the course of events; `occurrence` names it once and for all within the entity.

        `subject` says more about its link, `about` which other person it speaks of.
        """
        step = mail_step(occurrence)
        if step in self.state.outgoing:
            return
        self.state.outgoing[step] = MailRequest(
            store=self.state.store,
            entity=self.state.id,
            occurrence=occurrence,
            template=email.template,
            fields=email.as_facts(),
            party=party,
            at=self.state.now,
            live=self.state.live,
            link=email.link,
            link_subject=subject,
            about=about,
            support=self.support_route(),
        )
        if not self._draining:
            self._start_mail(step)

    def _start_mail(self, step: str) -> None:
        task = asyncio.create_task(self._send(step))
        self._tasks.add(task)
        self._mails[step] = task

    async def _send(self, step: str) -> None:
        request = self.state.outgoing[step]
        try:
            if step in self.state.parked:
                request = await self._parked(step, request)
            outcome = await self._effect(step, SEND_MAIL, request, options.MAIL)
        except (Skipped, Compensated):
            outcome = None
        except ActivityError:
            # Left to the next run; see `leave_mail`.
            return
        del self.state.outgoing[step]
        if outcome is None:
            return
        if outcome.refusal is not None:
            event = events.MailRefused(template=request.template, code=outcome.refusal)
            self.transition.record_event(self.state.now, event)
        hook = self.steps.sent.get(request.template)
        if hook is not None:
            hook(self, request, outcome)


def _cause_of(error: ActivityError) -> str:
    """What stopped the step, in a form that is equal for equal causes and holds nothing personal."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return cause.type or "ApplicationError"
    return type(cause).__name__ if cause is not None else type(error).__name__
