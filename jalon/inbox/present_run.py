"""Speaks to the present run of an entity, also while a reset replaces it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

ASKED_WITHIN = timedelta(seconds=5)
"""The longest wait for Temporal's answer whether a run goes on."""
PAUSE_SECONDS = 0.1


async def to_present_run(client: Client, workflow_id: str, say: Callable[[], Awaitable[object]]) -> None:
    """Says it, and once more where a reset replaced the run meanwhile. Raises RPCError: NOT_FOUND only where no run goes on.

    Temporal answers NOT_FOUND for what reached a run that a reset then ended, as for an entity that is over, and gives the new run only
    what the former one had accepted.
    """
    while True:
        try:
            await say()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND or not await _goes_on(client, workflow_id):
                raise
        else:
            return
        await asyncio.sleep(PAUSE_SECONDS)


async def _goes_on(client: Client, workflow_id: str) -> bool:
    described = await client.get_workflow_handle(workflow_id).describe(rpc_timeout=ASKED_WITHIN)
    return described.status == WorkflowExecutionStatus.RUNNING
