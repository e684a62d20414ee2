"""The cost of a workflow for the server, read from its history: billable actions, events and bytes.

Actions are counted by the published rules of Temporal Cloud (docs.temporal.io, "Temporal Cloud Actions"), as far as a
history shows them:

- A start (also by continue-as-new), a signal, an accepted update, a timer and a search-attribute upsert are one each.
- A child workflow is one more in its parent.
- An activity is one for each attempt.
- All local activities of one workflow task are one together, since all its markers are.

Signals to other workflows are counted where they arrive. Queries, rejected updates and heartbeats leave no event and are
not used here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription

_ONE_EACH = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: "start",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "update",
    EventType.EVENT_TYPE_TIMER_STARTED: "timer",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "search attributes",
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: "child",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
}


@dataclass(frozen=True)
class Cost:
    """The cost of one or several workflow runs together. `actions` are by kind."""

    actions: Counter[str]
    events: int
    size_bytes: int
    workflow_tasks: int

    @property
    def billable(self) -> int:
        """All actions."""
        return self.actions.total()

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.actions + other.actions,
            self.events + other.events,
            self.size_bytes + other.size_bytes,
            self.workflow_tasks + other.workflow_tasks,
        )


NOTHING = Cost(Counter(), 0, 0, 0)


def actions_of(events: Iterable[HistoryEvent]) -> Counter[str]:
    """Billable actions by kind. An activity's retries are counted by the attempt number of its last start."""
    found: Counter[str] = Counter()
    tasks_with_markers: set[int] = set()
    for event in events:
        kind = _ONE_EACH.get(event.event_type)
        if kind is not None:
            found[kind] += 1
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            found["activity retry"] += event.activity_task_started_event_attributes.attempt - 1
        elif event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            tasks_with_markers.add(event.marker_recorded_event_attributes.workflow_task_completed_event_id)
    found["local activities"] += len(tasks_with_markers)
    return +found


async def cost_of(client: Client, workflow_id: str, run_id: str | None = None) -> Cost:
    """The present cost of one run, by default the latest."""
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    described: WorkflowExecutionDescription = await handle.describe()
    events = (await handle.fetch_history()).events
    tasks = sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in events)
    size = described.raw_description.workflow_execution_info.history_size_bytes
    return Cost(actions_of(events), len(events), size, tasks)
