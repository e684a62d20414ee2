"""The activities of an entity: database activities, and effects that park when they cannot continue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.exceptions import TimeoutError as TimedOut

from activities.contracts.base import ActivityRef
from activities.contracts.stops import AWAIT_LIFTING, Halt
from jalon.domain.stops import Stop
from workflows.engine import options
from workflows.engine.commands import adapter
from workflows.engine.parking import Parking
from workflows.engine.state import Halted, Parked

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# A local activity's failure differs in type by its cause, and a timeout's also by whether it is replayed (seen in SDK 1.35). All three
# are caught; otherwise a replay takes another course than the history and the workflow task fails for ever.
LOCAL_FAULTS = (ActivityError, ApplicationError, TimedOut)

# An outage of Jalon's own database does not use up a provider's budget: the step starts again with a full budget and never parks.
DATABASE_FAULTS = frozenset({"InterfaceError", "OperationalError"})


class Compensated(Exception):
    """An operator gave up a parked step: its effects, and those of the steps before it, are to be undone."""


class Skipped(Exception):
    """An operator skipped a parked step, with evidence of how the effect was done outside Jalon."""

    def __init__(self, evidence: dict[str, Any]) -> None:
        super().__init__("skipped")
        self.evidence = evidence


async def local(ref: ActivityRef[Asked, Answer], request: Asked) -> Answer:
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


class Effects:
    """The effects under way of one run. While it is `draining`, no effect starts; the next run starts it."""

    def __init__(
        self,
        parking: Parking,
        resumed: Callable[[Parked | Halted], None],
        as_of_now: Callable[[Any], Any],
        handling: Callable[[], bool],
    ) -> None:
        self.draining = False
        self._parking = parking
        self._resumed = resumed
        self._as_of_now = as_of_now
        self._handling = handling
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def working(self) -> bool:
        """Whether an effect is under way that does not wait for an operator."""
        return len([task for task in self._tasks if not task.done()]) > len(self._parking.waiting)

    @property
    def idle(self) -> bool:
        """Whether no effect and no operator's resolution is under way, so that nothing is lost with this run."""
        return not (self.working or self._parking.resolutions)

    def watch(self, task: asyncio.Task[Answer]) -> asyncio.Task[Answer]:
        """Counts a task among the effects under way, until it is forgotten or done."""
        self._tasks.add(task)
        return task

    def result_of(self, step: str, task: asyncio.Task[Answer]) -> Answer:
        """The answer of a task that is done, which counts among the effects under way no more. Raises what ended it."""
        self._tasks.discard(task)
        answer = task.result()
        self._parking.settle(step)
        return answer

    async def perform(
        self,
        step: str,
        ref: ActivityRef[Asked, Answer],
        request: Asked,
        budget: options.Budget,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Runs one effect within its budget; the step parks once the budget is spent and while the effect is still wanted.

        Raises Skipped and Compensated when an operator resolves the step so, and ActivityError when nobody wants the effect any more.
        """
        while True:
            if self._parking.is_requested(step):
                request = await self.until_resolved(step, request)
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
                # An attempt whose worker was killed hears of no cancellation: it fails when its time is over.
                if self.draining or not wanted() or isinstance(error.cause, CancelledError):
                    raise
                cause = _cause_of(error)
                if cause in DATABASE_FAULTS:
                    continue
                if (stop := Stop.of_fault(cause)) is not None:
                    await self._until_lifted(step, stop)
                    request = cast("Asked", self._as_of_now(request))
                    continue
                self._lift(step)
                self._parking.park(step, request, cause, workflow.now())
            else:
                self._lift(step)
                return answer
            request = await self.until_resolved(step, request)

    async def _until_lifted(self, step: str, stop: Stop) -> None:
        """Waits until an emergency stop is lifted. Raises Compensated where the effect is given up meanwhile.

        An activity asks again and again: its retries leave nothing in the history, however long the stop stands.
        """
        self._parking.halt(step, stop, workflow.now())
        asking = workflow.start_activity(
            AWAIT_LIFTING.name,
            Halt(self._parking.state.store, stop),
            result_type=AWAIT_LIFTING.answer,
            start_to_close_timeout=options.LIFTING.attempt,
            retry_policy=options.LIFTING.retry,
        )
        asking.add_done_callback(_forget_outcome)
        try:
            await self._parking.until_lifted(step, asking.done)
            # What is being handled lives at its own instant to the end.
            while self._handling():
                await workflow.wait_condition(lambda: not self._handling())
            if asking.done():
                state = self._parking.state
                state.now = max(state.now, asking.result().at)
        finally:
            asking.cancel()
        self._lift(step)
        if self._parking.resolutions.pop(step, None) is not None:
            raise Compensated

    def _lift(self, step: str) -> None:
        """Moves the deadlines of a step that a stop held, in this run or an earlier one."""
        if (halted := self._parking.lift(step)) is not None:
            self._resumed(halted)

    async def until_resolved(self, step: str, request: Asked) -> Asked:
        """Waits until an operator resolves a parked step; returns the request to continue with. Raises Skipped and Compensated."""
        parked, resolution = await self._parking.until_resolved(step, request)
        self._resumed(parked)
        if resolution.action == "skip":
            raise Skipped(resolution.evidence or {})
        if resolution.action == "compensate":
            raise Compensated
        if resolution.edit:
            request = adapter(type(request)).validate_python(resolution.edit)
        return cast("Asked", self._as_of_now(request))


def _forget_outcome(asked: asyncio.Task[Any]) -> None:
    """Reads the outcome of a question that may have been cancelled, so that nobody misses it."""
    if not asked.cancelled():
        asked.exception()


def _cause_of(error: ActivityError) -> str:
    """The cause of a failure, equal for equal causes and free of personal data."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return cause.type or "ApplicationError"
    return type(cause).__name__ if cause is not None else type(error).__name__
