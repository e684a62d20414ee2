"""Activities as Temporal and its worker run them: attempts, timeouts, retries and cancellations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from jalon.rehearsal.sim import sdk
from jalon.rehearsal.sim.conditions import Reach
from jalon.rehearsal.sim.kernel import SECOND, Kernel, Process, Promise, Sleep, within
from jalon.rehearsal.sim.runs import Activity, Run
from jalon.rehearsal.sim.sdk import Schedule

ENDLESS = 1_000_000
"""A number of attempts that stands for no limit."""


@dataclass(frozen=True, slots=True)
class Performer:
    """An activity of the product: its coroutine function and the type of its request."""

    call: Callable[[Any], Awaitable[Any]]
    asked: Any


class Attempts:
    """The attempts of activities. `happened` is called with the job and the number of events by which an activity ends."""

    def __init__(
        self,
        kernel: Kernel,
        worker: Process,
        performers: Mapping[str, Performer],
        reach: Reach,
        latency: Callable[[], int],
        happened: Callable[[Run, sdk.Job, int], None],
    ) -> None:
        self._kernel, self._worker, self._performers = kernel, worker, performers
        self._reach, self._latency, self._happened = reach, latency, happened

    async def perform_locally(self, schedule: Schedule) -> sdk.Job:
        """The result of a local activity after its own retries. A worker's death removes it without a trace."""
        kernel, retry, begun_us = self._kernel, schedule.retry, self._kernel.now
        wait_us = retry.initial_interval.total_seconds() * SECOND
        for number in range(1, (retry.maximum_attempts or ENDLESS) + 1):
            result: Promise[Payload] = Promise()
            self._worker.spawn(self._attempt(schedule, result))
            left_us = schedule.total_us - (kernel.now - begun_us)
            try:
                answer = await within(kernel, result, max(left_us, 0))
            except TimeoutError:
                break
            except ApplicationError as error:
                if error.non_retryable or number == retry.maximum_attempts:
                    return sdk.failed(schedule.seq, sdk.failure_of(error), local=True)
            else:
                return sdk.completed(schedule.seq, answer, local=True)
            await Sleep(int(min(wait_us, schedule.total_us)))
            wait_us *= retry.backoff_coefficient
        return sdk.failed(schedule.seq, sdk.local_timeout(schedule.activity, schedule.seq), local=True)

    async def _attempt(self, schedule: Schedule, result: Promise[Payload]) -> None:
        performer = self._performers[schedule.activity]
        try:
            answer = await performer.call(sdk.value(schedule.argument, performer.asked))
        except ApplicationError as error:
            result.break_(error)
        except Exception as error:  # noqa: BLE001 (the SDK makes a failure of whatever an activity raises)
            result.break_(ApplicationError(str(error), type=type(error).__name__))
        else:
            result.keep(sdk.payload(answer))

    def dispatch(self, run: Run, activity: Activity, after_us: int) -> None:
        """Has the worker make the next attempt, `after_us` microseconds and one message latency from now."""
        number = activity.number
        self._kernel.after(after_us + self._latency(), lambda: self._start(run, activity, number))

    def _is_open(self, run: Run, activity: Activity) -> bool:
        return run.closed is None and run.activities.get(activity.schedule.seq) is activity

    def _start(self, run: Run, activity: Activity, number: int) -> None:
        if not self._is_open(run, activity) or activity.number != number or activity.running:
            return
        if not self._reach.up:
            self._reach.when_up(lambda: self._start(run, activity, number))
            return
        if not self._worker.up:
            return
        number += 1
        activity.number, activity.running = number, True
        result: Promise[Payload] = Promise()
        self._worker.spawn(self._report(run, activity, result, number))
        self._kernel.after(
            activity.schedule.attempt_us,
            lambda: self._failed(run, activity, number, sdk.attempt_timeout(), final=False),
        )

    async def _report(self, run: Run, activity: Activity, result: Promise[Payload], number: int) -> None:
        await self._attempt(activity.schedule, result)
        await Sleep(self._latency())
        await self._reach.awaited()
        if not self._is_under_way(run, activity, number):
            return
        try:
            answer = result.result()
        except ApplicationError as error:
            self._failed(run, activity, number, sdk.failure_of(error), final=error.non_retryable)
        else:
            self._end(run, activity, sdk.completed(activity.schedule.seq, answer, local=False), 2)

    def _is_under_way(self, run: Run, activity: Activity, number: int) -> bool:
        return self._is_open(run, activity) and activity.number == number and activity.running

    def _failed(self, run: Run, activity: Activity, number: int, failure: Failure, *, final: bool) -> None:
        if not self._is_under_way(run, activity, number):
            return
        activity.running = False
        retry, seq = activity.schedule.retry, activity.schedule.seq
        if activity.cancel_requested:
            self._end(run, activity, sdk.cancelled(seq), 2)
        elif final or number == retry.maximum_attempts:
            whole = sdk.activity_failure(activity.schedule.activity, seq, failure)
            self._end(run, activity, sdk.failed(seq, whole, local=False), 2)
        else:
            pause = retry.initial_interval.total_seconds() * retry.backoff_coefficient ** min(number - 1, 60)
            most = (retry.maximum_interval or retry.initial_interval * 100).total_seconds()
            self.dispatch(run, activity, int(min(pause, most) * SECOND))

    def cancel(self, run: Run, activity: Activity) -> None:
        """Cancels an activity that nobody works on. A running attempt is not retried."""
        activity.cancel_requested = True
        if not activity.running:
            self._end(run, activity, sdk.cancelled(activity.schedule.seq), 1)

    def _end(self, run: Run, activity: Activity, job: sdk.Job, events: int) -> None:
        del run.activities[activity.schedule.seq]
        self._happened(run, job, events)
