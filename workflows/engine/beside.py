"""Effects beside the course of a life: no step waits for them, and the next run begins anew what this one leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from temporalio.exceptions import ActivityError

from activities.contracts.base import ActivityRef
from workflows.engine import options
from workflows.engine.effects import Effects, Skipped
from workflows.engine.parking import Parking

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Beside:
    """The effects of one run that no step waits for, by step."""

    def __init__(self, parking: Parking, effects: Effects) -> None:
        self._parking = parking
        self._effects = effects
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unwanted: set[str] = set()

    def start(
        self,
        step: str,
        ref: ActivityRef[Asked, Answer],
        request: Asked,
        budget: options.Budget,
        done: Callable[[Answer | Skipped], None],
        parked: Callable[[], None] | None = None,
    ) -> None:
        """Starts an effect, unless one of its step is under way. `done` gets its answer, or how an operator skipped it.

        `parked` is called when it parks.
        """
        if parked is not None:
            self._parking.told[step] = parked
        if step not in self._tasks and not self._effects.draining:
            work = self._run(step, ref, request, budget, done)
            self._tasks[step] = self._effects.watch(asyncio.create_task(work))

    def stop(self, step: str) -> None:
        """Ends an effect that nobody wants any more. An attempt under way comes to its end, and `done` may still get its answer."""
        self._unwanted.add(step)
        if step in self._parking.waiting:
            self._tasks.pop(step).cancel()
        self._parking.forget(step)

    def drain(self) -> None:
        """Leaves unfinished effects to the next run. Attempts under way are waited for."""
        for step, task in self._tasks.items():
            if step not in self._parking.waiting:
                task.cancel()

    async def _run(
        self,
        step: str,
        ref: ActivityRef[Asked, Answer],
        request: Asked,
        budget: options.Budget,
        done: Callable[[Answer | Skipped], None],
    ) -> None:
        answer: Answer | Skipped
        try:
            answer = await self._effects.perform(
                step, ref, request, budget, lambda: step not in self._unwanted
            )
        except Skipped as skipped:
            answer = skipped
        except ActivityError:
            # Left to the next run, or not wanted any more; see `drain` and `stop`.
            return
        del self._tasks[step]
        self._parking.settle(step)
        done(answer)
