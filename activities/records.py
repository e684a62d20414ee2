"""Database reads and writes beside a workflow: transitions, rest, closing checks."""

from __future__ import annotations

from temporalio import activity

from activities.contracts.base import Done
from activities.contracts.records import (
    CHECK_CLOSING,
    RECORD,
    REST,
    ClosingCheck,
    ClosingFacts,
    ReceivedCommand,
    Recorded,
    RestNote,
)
from jalon.domain.transition import Transition
from jalon.persistence.entities import records, transitions
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.sessions import Sessions


def received_command(receipt: Receipt) -> ReceivedCommand:
    """A receipt in the form in which a workflow receives it."""
    return ReceivedCommand(
        receipt.id,
        receipt.seq,
        receipt.command,
        receipt.received_at,
        receipt.body,
        receipt.actor,
        receipt.role,
        receipt.after,
        receipt.trace,
    )


def _run() -> str | None:
    """The run of the workflow that asks; None outside of Temporal."""
    return activity.info().workflow_run_id if activity.in_activity() else None


class Records:
    """Records the decisions of workflows. Faults of the database are retried without limit and never park."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @activity.defn(name=RECORD.name)
    async def record_transition(self, transition: Transition) -> Recorded:
        """Records a transition once; see `jalon.persistence.entities.transitions`."""
        async with self._sessions.of(transition.store) as tx:
            return Recorded(await transitions.record(tx, transition, _run()))

    @activity.defn(name=REST.name)
    async def note_rest(self, note: RestNote) -> Done:
        """Records for the test clock whether the entity has effects under way."""
        async with self._sessions.of(note.store) as tx:
            await records.note_rest(tx, note.entity, note.busy)
        return Done()

    @activity.defn(name=CHECK_CLOSING.name)
    async def check_closing(self, check: ClosingCheck) -> ClosingFacts:
        """The facts of a closing: pending receipts, read under the entity's advisory lock (G3), and outages (G7)."""
        async with self._sessions.of(check.store) as tx:
            await receipts.lock_inbox(tx, check.entity)
            pending = await receipts.pending(tx, check.store, check.entity)
            availability = await records.availability_around(tx, check.store, check.closes_at, check.live)
        return ClosingFacts(
            tuple(received_command(receipt) for receipt in pending), availability.outages, availability.silent
        )
