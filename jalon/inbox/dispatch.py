"""Sends recorded receipts to their workflows as updates, in receipt order, and advances test clocks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.contracts.records import ReceivedCommand
from activities.dispatching import EngineUnreachable, EntityClosed
from activities.records import received_command
from jalon import tracing
from jalon.domain.repairs.names import slug_of
from jalon.domain.traces import Trace
from jalon.inbox.present_run import to_present_run
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.operations import clocks
from jalon.persistence.operations.clocks import Ahead, TestClock
from jalon.persistence.sessions import Sessions
from workflows.clock import TestClockStart, TestClockWorkflow
from workflows.engine.lifecycle import EntityStart, Lifecycle
from workflows.repair import RepairStart, RepairWorkflow

DRAIN_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between re-sends of an update to a run that is about to continue-as-new. Such a run returns False and forwards
the messages; the same update to the next run returns their result."""

SETTLES_SOON_SECONDS = 1.0
"""An advance that has nothing before it but what is under way waits so long for it here, and then in a workflow."""
SETTLES_POLL_SECONDS = 0.05


class KindUnknown(LookupError):
    """This process has no lifecycle for the kind of a receipt, as while a newer release runs beside it."""


@dataclass(frozen=True, slots=True)
class AdvanceProgress:
    """How far a test clock has advanced. `unsettled` are the ids of entities with effects or receipts under way."""

    now: datetime
    to: datetime
    delivered: int
    unsettled: tuple[str, ...]
    done: bool


async def _nobody_asks(start: WithStartWorkflowOperation[Any, str]) -> None:
    """Takes the failure that the operation keeps for whoever asks for its workflow. asyncio would log it with a traceback."""
    with suppress(BaseException):
        async with asyncio.timeout(0):
            await start.workflow_handle()


async def _until_processed(say: Callable[[], Awaitable[Any]]) -> None:
    for pause in chain(DRAIN_RETRY_SECONDS, repeat(DRAIN_RETRY_SECONDS[-1])):
        if await say() is not False:
            return
        await asyncio.sleep(pause)


def workflow_id(kind: str, store: str, entity: str) -> str:
    """The workflow id of an entity: `order/{store}/{order_id}`. It is always derived here, never taken from outside."""
    return f"{kind}/{store}/{entity}"


class CommandDispatcher:
    """Delivers receipts and advances test clocks."""

    def __init__(
        self, client: Client, sessions: Sessions, task_queue: str, lifecycles: Mapping[str, Lifecycle]
    ) -> None:
        self.client = client
        self._lifecycles = lifecycles
        self._sessions = sessions
        self._task_queue = task_queue

    async def dispatch(
        self, receipts: Sequence[Receipt], *, live: bool, timeout: float, wait: bool = True
    ) -> None:
        """Delivers pending receipts of one entity, in receipt order.

        Returns when the last is settled and recorded, or with `wait` off as soon as the workflow has accepted them.
        Raises EngineUnreachable, EntityClosed and KindUnknown.
        """
        # A batch belongs to the trace of the last receipt, which is the caller's own; the others' requests go on in the workflow.
        last = receipts[-1]
        place = Trace.parse(last.trace)
        try:
            with tracing.span(f"deliver {last.command}", "client", place, **{"jalon.entity": last.entity}):
                async with asyncio.timeout(timeout):
                    await to_present_run(
                        self.client,
                        workflow_id(last.kind, last.store, last.entity),
                        lambda: self._dispatch(receipts, live, timedelta(seconds=timeout), wait),
                    )
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateFailedError) as error:
            raise EngineUnreachable(type(error).__name__) from None
        except WorkflowAlreadyStartedError:
            raise EntityClosed(receipts[0].entity) from None
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise EntityClosed(receipts[0].entity) from None
            raise EngineUnreachable(error.status.name) from None
        except RuntimeError as error:
            # A lazy client that cannot connect raises a bare RuntimeError.
            raise EngineUnreachable(type(error).__name__) from None

    async def _dispatch(
        self, receipts: Sequence[Receipt], live: bool, timeout: timedelta, wait: bool
    ) -> None:
        first = receipts[0]
        lifecycle = self._lifecycles.get(first.kind)
        if lifecycle is None:
            raise KindUnknown(f"no lifecycle of kind {first.kind}")
        opens = first.command == lifecycle.opening.name
        if opens and not lifecycle.waits:
            await self._start(lifecycle, first, live, timeout)
            receipts = receipts[1:]
        if not receipts:
            return
        messages = [received_command(receipt) for receipt in receipts]
        stage = WorkflowUpdateStage.COMPLETED if wait else WorkflowUpdateStage.ACCEPTED
        if opens and lifecycle.waits:
            await self._open(lifecycle, first, messages, live, timeout, stage)
            return
        handle = self.client.get_workflow_handle(workflow_id(first.kind, first.store, first.entity))

        async def deliver() -> Any:
            update = await handle.start_update(
                "deliver", messages, id=receipts[-1].id, wait_for_stage=stage, rpc_timeout=timeout
            )
            return await update.result() if wait else True

        await _until_processed(deliver)

    async def _open(
        self,
        lifecycle: Lifecycle,
        first: Receipt,
        messages: list[ReceivedCommand],
        live: bool,
        timeout: timedelta,
        stage: WorkflowUpdateStage,
    ) -> None:
        """Starts the workflow with an update-with-start whose result the caller waits for."""
        start: WithStartWorkflowOperation[Any, str] = WithStartWorkflowOperation(
            lifecycle.workflow.run,
            EntityStart(first.store, first.entity, live, first.received_at),
            id=workflow_id(first.kind, first.store, first.entity),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        try:
            await self.client.start_update_with_start_workflow(
                "deliver",
                messages,
                id=messages[-1].id,
                start_workflow_operation=start,
                wait_for_stage=stage,
                rpc_timeout=timeout,
            )
        except BaseException:
            await _nobody_asks(start)
            raise

    async def _start(self, lifecycle: Lifecycle, first: Receipt, live: bool, timeout: timedelta) -> None:
        """Starts the workflow with a message whose result nobody waits for. An update would cost one more billable action."""
        try:
            await self.client.start_workflow(
                lifecycle.workflow.run,
                EntityStart(first.store, first.entity, live, first.received_at, received_command(first)),
                id=workflow_id(first.kind, first.store, first.entity),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=timeout,
            )
        except WorkflowAlreadyStartedError:
            return

    async def tick(self, kind: str, store: str, entity: str, at: datetime) -> None:
        """Sends the instant `at` of a store's test clock to one entity. Raises EngineUnreachable and EntityClosed."""
        of_entity = workflow_id(kind, store, entity)
        handle = self.client.get_workflow_handle(of_entity)
        within = timedelta(seconds=20)
        try:
            await to_present_run(
                self.client,
                of_entity,
                lambda: _until_processed(lambda: handle.execute_update("tick", at, rpc_timeout=within)),
            )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise EntityClosed(entity) from None
            raise EngineUnreachable(error.status.name) from None
        except (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise EngineUnreachable(type(error).__name__) from None

    async def view(self, kind: str, store: str, entity: str, timeout: float) -> dict[str, Any]:
        """The entity as its workflow answers, also after its end while the engine keeps it. Raises EngineUnreachable and EntityClosed."""
        handle = self.client.get_workflow_handle(workflow_id(kind, store, entity))
        try:
            async with asyncio.timeout(timeout):
                answer: dict[str, Any] = await handle.query(
                    "view", result_type=dict[str, Any], rpc_timeout=timedelta(seconds=timeout)
                )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise EntityClosed(entity) from None
            raise EngineUnreachable(error.status.name) from None
        except (TimeoutError, WorkflowQueryFailedError, WorkflowQueryRejectedError, RuntimeError) as error:
            raise EngineUnreachable(type(error).__name__) from None
        return answer

    # -- test clocks -------------------------------------------------------------------------------------------------

    async def advance(self, store: str, to: datetime, *, timeout: float = 30.0) -> AdvanceProgress:
        """Runs the advance that `clocks.begin_advance` recorded. Returns when it is settled, or its progress after `timeout` seconds."""
        clock = await self._clock(store)
        if clock.advance_id is not None and clock.advance_to is not None:
            try:
                async with asyncio.timeout(timeout):
                    if not await self._ends_idle(store, clock.advance_id):
                        await self._walk(store, clock.advance_id)
            except (TimeoutError, RPCError, WorkflowFailureError, RuntimeError):
                pass
        clock = await self._clock(store)
        return AdvanceProgress(clock.now, to, clock.delivered, clock.unsettled, clock.advance_to is None)

    async def _ends_idle(self, store: str, advance: str) -> bool:
        """Whether the advance met nothing and is over: no workflow is needed to walk past nothing, or to wait for a moment."""
        began = time.monotonic()
        while True:
            async with self._sessions.of(store) as tx:
                ahead = await clocks.end_if_idle(tx, store, advance)
            if ahead is not Ahead.EFFECTS or time.monotonic() - began > SETTLES_SOON_SECONDS:
                return ahead is Ahead.NOTHING
            await asyncio.sleep(SETTLES_POLL_SECONDS)

    async def _walk(self, store: str, advance: str) -> None:
        await self.client.execute_workflow(
            TestClockWorkflow.run,
            TestClockStart(store, advance),
            id=f"test-clock/{store}/{advance}",
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )

    async def _clock(self, store: str) -> TestClock:
        async with self._sessions.of(store) as tx:
            clock = await clocks.read(tx, store)
        if clock is None:
            raise LookupError(f"the store {store} has no test clock")
        return clock

    # -- repairs in bulk ---------------------------------------------------------------------------------------------

    async def engage_repair(self, repair: str, name: str, stores: Sequence[str]) -> None:
        """Starts the workflow of a repair, or tells the running one that the repair has changed. Raises EngineUnreachable."""
        try:
            await self.client.start_workflow(
                RepairWorkflow.run,
                RepairStart(repair, tuple(stores)),
                id=f"repair/{slug_of(name)}/{repair}",
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                start_signal="changed",
                rpc_timeout=timedelta(seconds=5),
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise EngineUnreachable(error.status.name) from None
        except RuntimeError as error:
            raise EngineUnreachable(type(error).__name__) from None
