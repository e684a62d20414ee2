"""Sends recorded receipts to their workflows as updates, in receipt order, and advances test clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.dispatching import EngineUnreachable, EntityClosed
from activities.records import received_command
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.operations import clocks
from jalon.persistence.operations.clocks import TestClock
from jalon.persistence.sessions import Sessions

DRAIN_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Pauses between re-sends of an update to a run that is about to continue-as-new. Such a run returns False and forwards
the messages; the same update to the next run returns their result."""


@dataclass(frozen=True, slots=True)
class AdvanceProgress:
    """How far a test clock has come; `unsettled` are entities it waits for."""

    now: datetime
    to: datetime
    delivered: int
    unsettled: tuple[str, ...]
    done: bool


async def _until_processed(say: Callable[[], Awaitable[Any]]) -> None:
    for pause in chain(DRAIN_RETRY_SECONDS, repeat(DRAIN_RETRY_SECONDS[-1])):
        if await say() is not False:
            return
        await asyncio.sleep(pause)


def workflow_id(kind: str, store: str, entity: str) -> str:
    """`order/{store}/{order_id}`: derived here, never taken from outside."""
    return f"{kind}/{store}/{entity}"


class CommandDispatcher:
    """Delivers receipts and advances test clocks."""

    def __init__(self, client: Client, sessions: Sessions, task_queue: str) -> None:
        self.client = client
        self._sessions = sessions
        self._task_queue = task_queue

    async def dispatch(
        self, receipts: Sequence[Receipt], *, live: bool, timeout: float, wait: bool = True
    ) -> None:
        """Delivers pending receipts of one entity, in receipt order.

        Returns when the last is settled and recorded, or with `wait` off as soon as the workflow has accepted them.
        Raises EngineUnreachable and EntityClosed.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._dispatch(receipts, live, timedelta(seconds=timeout), wait)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateFailedError) as error:
            raise EngineUnreachable(type(error).__name__) from None
        except WorkflowAlreadyStartedError:
            raise EntityClosed(receipts[0].entity) from None
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise EntityClosed(receipts[0].entity) from None
            raise EngineUnreachable(error.status.name) from None
        except RuntimeError as error:
            # A lazy client that cannot connect says so with nothing more precise.
            raise EngineUnreachable(type(error).__name__) from None

    async def _dispatch(
        self, receipts: Sequence[Receipt], live: bool, timeout: timedelta, wait: bool
    ) -> None:
        first = receipts[0]
        if first.command == "begin":
            await self._begin(first, live, timeout)
            receipts = receipts[1:]
        if not receipts:
            return
        messages = [received_command(receipt) for receipt in receipts]
        stage = WorkflowUpdateStage.COMPLETED if wait else WorkflowUpdateStage.ACCEPTED
        if first.command == "open_cart":
            await self._open(first, messages, live, timeout, stage)
            return
        handle = self.client.get_workflow_handle(workflow_id(first.kind, first.store, first.entity))

        async def deliver() -> Any:
            update = await handle.start_update(
                "deliver", messages, id=receipts[-1].id, wait_for_stage=stage, rpc_timeout=timeout
            )
            return await update.result() if wait else True

        await _until_processed(deliver)

    async def _open(
        self, first: Receipt, messages: list[Any], live: bool, timeout: timedelta, stage: WorkflowUpdateStage
    ) -> None:
        start: WithStartWorkflowOperation[Any, str] = WithStartWorkflowOperation(
            "Order",
            {"store": first.store, "order": first.entity, "live": live, "now": first.received_at},
            id=workflow_id("order", first.store, first.entity),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
        await self.client.start_update_with_start_workflow(
            "deliver",
            messages,
            id=messages[-1].id,
            start_workflow_operation=start,
            wait_for_stage=stage,
            rpc_timeout=timeout,
        )

    async def _begin(self, receipt: Receipt, live: bool, timeout: timedelta) -> None:
        try:
            await self.client.start_workflow(
                "Subscription",
                {
                    "store": receipt.store,
                    "subscription": receipt.entity,
                    "live": live,
                    "begin": asdict(received_command(receipt)),
                },
                id=workflow_id("subscription", receipt.store, receipt.entity),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=timeout,
            )
        except WorkflowAlreadyStartedError:
            return

    async def tick(self, kind: str, store: str, entity: str, at: datetime) -> None:
        """Tells an entity of a sandbox store that its clock has come to `at`. Raises EngineUnreachable and EntityClosed."""
        handle = self.client.get_workflow_handle(workflow_id(kind, store, entity))
        try:
            await _until_processed(
                lambda: handle.execute_update("tick", at, rpc_timeout=timedelta(seconds=20))
            )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                raise EntityClosed(entity) from None
            raise EngineUnreachable(error.status.name) from None
        except (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            raise EngineUnreachable(type(error).__name__) from None

    # -- test clocks -------------------------------------------------------------------------------------------------

    async def advance(self, store: str, to: datetime, *, timeout: float = 30.0) -> AdvanceProgress:
        """Carries out the advance that `clocks.begin_advance` wrote down; returns when it is settled, or its progress after `timeout`."""
        clock = await self._clock(store)
        if clock.advance_id is not None and clock.advance_to is not None:
            try:
                async with asyncio.timeout(timeout):
                    await self._walk(store, clock.advance_id)
            except (TimeoutError, RPCError, WorkflowFailureError, RuntimeError):
                pass
        clock = await self._clock(store)
        return AdvanceProgress(clock.now, to, clock.delivered, clock.unsettled, clock.advance_to is None)

    async def _walk(self, store: str, advance: str) -> None:
        await self.client.execute_workflow(
            "TestClock",
            {"store": store, "advance": advance},
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
