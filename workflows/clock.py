"""The durable job that advances a sandbox store's test clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from activities.contracts.clock import WALK, Walk
from workflows.engine import options


@dataclass(frozen=True)
class TestClockStart:
    """Which store's clock, and which advance of it."""

    store: str
    advance: str


@workflow.defn(name="TestClock")
class TestClockWorkflow:
    """One advance: a walk over the store's agenda, taken up again wherever a worker left it."""

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
