"""An effect that fails because Jalon's database is down starts again with a full budget; one that a provider fails parks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.contracts.base import ActivityRef
from workflows.engine.effects import Effects
from workflows.engine.options import Budget
from workflows.engine.parking import Parking
from workflows.engine.transition_builder import TransitionBuilder
from workflows.order.state import OrderState

AT = datetime(2026, 11, 21, tzinfo=UTC)
BUDGET = Budget(timedelta(seconds=5), RetryPolicy(maximum_attempts=2))


@dataclass(frozen=True)
class Tried:
    """The fault, and the attempt that succeeded."""

    fault: str
    attempt: int = 0


TRY: ActivityRef[Tried, Tried] = ActivityRef("try_effect", Tried, Tried)


class Capability:
    """Fails five times: two full budgets of two attempts, and one more."""

    def __init__(self) -> None:
        self.attempts = 0

    @activity.defn(name=TRY.name)
    async def try_effect(self, asked: Tried) -> Tried:
        self.attempts += 1
        if self.attempts <= 5:
            if asked.fault == "database":
                raise OperationalError("select 1", {}, ConnectionError())
            raise ApplicationError("away", type="ProviderUnreachable")
        return Tried(asked.fault, self.attempts)


@workflow.defn(name="EffectOfFaults")
class EffectWorkflow:
    @workflow.init
    def __init__(self, fault: str) -> None:
        self.state = OrderState("store", "ord_1", live=True, now=AT)
        parking = Parking(self.state, TransitionBuilder())
        self.effects = Effects(parking, lambda _: None, lambda request: request, lambda: False)

    @workflow.run
    async def run(self, fault: str) -> int:
        task = asyncio.create_task(self.effects.perform("payment", TRY, Tried(fault), BUDGET))
        await workflow.wait_condition(lambda: task.done() or bool(self.state.parked))
        return task.result().attempt if task.done() else 0


@pytest.mark.parametrize(("fault", "went_well_at"), [("database", 6), ("provider", 0)])
async def test_only_a_providers_fault_parks_a_step(
    plain_client: Client, queue: str, fault: str, went_well_at: int
) -> None:
    async with Worker(
        plain_client,
        task_queue=queue,
        workflows=[EffectWorkflow],
        activities=[Capability().try_effect],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        running = plain_client.execute_workflow(
            "EffectOfFaults", fault, id=queue, task_queue=queue, result_type=int
        )
        assert await asyncio.wait_for(running, 30) == went_well_at
