"""The trace that a workflow's work belongs to: that of the receipt, or of the deadline, that was applied last.

Activities and e-mails take it along. Its places derive from the receipt's own, so a replay goes through the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow

from activities.contracts.records import ReceivedCommand
from jalon import tracing
from jalon.domain.traces import Trace
from workflows.engine.agenda import Entry


@contextmanager
def applying(entity: str, message: ReceivedCommand) -> Iterator[None]:
    """The span in which a receipt is applied. What follows stays in its trace."""
    parent = Trace.parse(message.trace)
    place = parent.step(message.id) if parent else None
    tracing.follow(place)
    began = _now()
    yield
    if place is not None:
        _export(f"apply {message.command}", place, parent, began, entity)


def come_due(entity: str, entry: Entry) -> None:
    """Begins the trace of a deadline, which follows from no request."""
    place = Trace.of(f"{entity}/{entry.key}/{entry.due_at.isoformat()}")
    tracing.follow(place)
    _export(f"due {entry.what}", place, None, _now(), entity)


@contextmanager
def kept() -> Iterator[None]:
    """After the block the work goes on in the trace in which it waited, whatever was applied meanwhile."""
    place = tracing.current()
    yield
    tracing.follow(place)


def _now() -> int:
    # A workflow's time stands still within a task, and nothing but the span's length depends on this clock.
    if not tracing.exports():
        return 0
    return workflow.time_ns() if workflow.unsafe.is_replaying() else tracing.now()


def _export(name: str, place: Trace, parent: Trace | None, began: int, entity: str) -> None:
    """Exports a span, once: a replay exports none."""
    if tracing.exports() and not workflow.unsafe.is_replaying():
        tracing.record(name, place, parent, began, tracing.now(), **{"jalon.entity": entity})
