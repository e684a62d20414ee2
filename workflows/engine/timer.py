"""The single timer of a run."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import workflow


class Timer:
    """Fires at the earliest instant it was set for.

    A timer set too early is not cancelled, since cancelling costs an event. It fires, nothing is due, and it is set again.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._at: datetime | None = None

    @property
    def running(self) -> asyncio.Task[None] | None:
        """The running timer, or None."""
        return self._task if self._task is not None and not self._task.done() else None

    def arm(self, at: datetime) -> None:
        """Ensures that the timer fires at `at` or before."""
        if self.running is not None:
            if self._at is not None and self._at <= at:
                return
            self.running.cancel()
        self._at = at
        self._task = asyncio.create_task(workflow.sleep(max((at - workflow.now()).total_seconds(), 0.001)))
