"""The figures: percentiles, and actions as they are billed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from jalon.rehearsal.bench.figures import percentile
from jalon.rehearsal.bench.histories import actions_of


@pytest.mark.parametrize(("rank", "expected"), [(50, 50.0), (99, 99.0), (100, 100.0)])
def test_a_percentile_is_a_measured_value(rank: int, expected: float) -> None:
    assert percentile([number / 1000 for number in range(1, 101)], rank) == expected
    assert percentile([], rank) is None


def _event(kind: str) -> HistoryEvent:
    return HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_{kind}"))


def _markers(workflow_task: int, count: int) -> Iterator[HistoryEvent]:
    for _ in range(count):
        event = _event("MARKER_RECORDED")
        event.marker_recorded_event_attributes.workflow_task_completed_event_id = workflow_task
        yield event


def _attempt(attempt: int) -> HistoryEvent:
    event = _event("ACTIVITY_TASK_STARTED")
    event.activity_task_started_event_attributes.attempt = attempt
    return event


def test_all_markers_of_a_workflow_task_are_one_action() -> None:
    assert actions_of([*_markers(4, 3), *_markers(9, 1)]) == {"local activities": 2}


def test_every_attempt_of_an_activity_is_an_action() -> None:
    assert actions_of([_event("ACTIVITY_TASK_SCHEDULED"), _attempt(3)]).total() == 3


def test_workflow_tasks_and_ends_cost_nothing() -> None:
    free = ("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED", "TIMER_FIRED")
    assert actions_of([_event(kind) for kind in (*free, "WORKFLOW_EXECUTION_COMPLETED")]) == {}


def test_starts_updates_signals_timers_and_children_are_one_each() -> None:
    kinds = (
        "WORKFLOW_EXECUTION_STARTED",
        "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "TIMER_STARTED",
        "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
    )
    assert actions_of([_event(kind) for kind in kinds]).total() == len(kinds)
