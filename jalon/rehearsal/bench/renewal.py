"""The cost of a renewal term: a subscription with terms of seconds renews in real time."""

from __future__ import annotations

import asyncio
import time

from temporalio.client import Client

from jalon.bootstrap import Resources
from jalon.rehearsal.bench.histories import Cost, cost_of
from jalon.rehearsal.bench.load import Watch, buy
from jalon.rehearsal.bench.stage import SECONDS_STORE
from jalon.rehearsal.bench.ways import SpineWay

TERM = "PT16S"
LIVED_WITHIN = 120.0


class RenewalMissing(Exception):
    """The subscription did not complete its first renewal term in time."""


async def cost_of_a_term(resources: Resources, client: Client, watch: Watch) -> Cost:
    """The cost of the first renewal term: the charge, two notices, the cutoff, the term's end.

    One run is one term, so this is the run between two continue-as-new.
    """
    bought = await buy(SpineWay(resources, SECONDS_STORE, TERM), watch)
    workflow_id = f"subscription/{SECONDS_STORE}/{bought.subscription}"
    deadline = time.monotonic() + LIVED_WITHIN
    while time.monotonic() < deadline:
        runs = await _runs(client, workflow_id)
        if len(runs) > 2:  # noqa: PLR2004 — the first term, the one that is counted, and the next
            return await cost_of(client, workflow_id, runs[1])
        await asyncio.sleep(1)
    raise RenewalMissing(f"{workflow_id} is not yet past its first renewal term")


async def _runs(client: Client, workflow_id: str) -> list[str]:
    """The run ids of a workflow, the first one first."""
    runs: list[str] = []
    run_id = (await client.get_workflow_handle(workflow_id).describe()).run_id
    while run_id:
        runs.insert(0, run_id)
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs
