"""The workflow that advances a sandbox store's test clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from activities.contracts.clock import WALK, Walk
from workflows.engine import options


@dataclass(frozen=True)
class TestClockStart:
    """The store, and the advance of its clock."""

    store: str
    advance: str


@workflow.defn(name="TestClock")
class TestClockWorkflow:
    """One advance of a test clock. After a worker's death another worker continues the advance."""

    @workflow.run
    async def run(self, start: TestClockStart) -> None:
        """Returns when the clock has arrived."""
        await workflow.execute_activity(
            WALK.name,
            Walk(start.store, start.advance),
            result_type=WALK.answer,
            start_to_close_timeout=timedelta(hours=6),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=options.FOR_EVER,
        )
