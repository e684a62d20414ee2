"""Transitions in memory; the model of `jalon.persistence.entities.transitions`.

A transition is recorded once for each (entity, epoch, seq); a reset that takes another course opens a new epoch.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic_core import to_jsonable_python

from jalon.domain.transition import AuditEntry, EntityMessage, Transition
from jalon.persistence.entities.transitions import digest_of, runs_with
from jalon.persistence.inbox.receipts import NewReceipt
from jalon.rehearsal.sim.modelled import receipts
from jalon.rehearsal.sim.modelled.database import AuditRow, Database, EntityRow, TimelineRow, Transaction


async def record(tx: Transaction, transition: Transition, run: str | None = None) -> int:
    """Records the transition once and returns its epoch. An earlier run than the last to record changes nothing."""
    db, digest = tx.db, digest_of(transition)
    row = db.entities.get(transition.entity)
    epoch, audit = (row.epoch if row is not None else 0), transition.audit
    runs = runs_with(run, row.runs if row is not None else ())
    if runs is None:
        return epoch
    known = db.transitions.get((transition.entity, epoch, transition.seq))
    if known is not None and known != digest:
        audit = (_reset_audit(db, transition, epoch), *audit)
        epoch, known = epoch + 1, None
    entity = _project(db, transition, epoch, runs)
    _settle(db, transition, entity.view)
    if known is None:
        db.transitions[transition.entity, epoch, transition.seq] = digest
        now = db.now()
        db.timeline += [
            TimelineRow(transition.entity, epoch, transition.seq, entry, now) for entry in transition.timeline
        ]
        db.audit += [AuditRow(transition.entity, entry, now) for entry in audit]
        for message in transition.messages:
            await receipts.record(tx, _receipt(db, transition, message), message.at, 0)
    for heard in db.recorded:
        heard(transition, epoch)
    for call in db.changed:
        try:
            call(entity)
        except Exception as crash:  # noqa: BLE001 (the activity that writes would fail, and be tried again without a word)
            db.crashes.append(crash)
    return epoch


def _reset_audit(db: Database, transition: Transition, epoch: int) -> AuditEntry:
    last = max(seq for entity, era, seq in db.transitions if (entity, era) == (transition.entity, epoch))
    data = {"epoch": epoch + 1, "seq": transition.seq, "superseded_seq": last}
    return AuditEntry(transition.at, "system", "system", "entity_reset", data=data)


def _project(db: Database, transition: Transition, epoch: int, runs: tuple[str, ...]) -> EntityRow:
    entity = db.entities[transition.entity] = EntityRow(
        id=transition.entity,
        kind=transition.kind,
        store=transition.store,
        epoch=epoch,
        seq=transition.seq,
        status=transition.status,
        view=to_jsonable_python(transition.view),
        next_due_at=transition.next_due_at,
        busy=transition.busy,
        at=transition.at,
        runs=runs,
    )
    return entity


def _settle(db: Database, transition: Transition, view: dict[str, Any]) -> None:
    for settled in transition.settled:
        receipt = db.receipts.get(settled.receipt)
        if receipt is None:
            continue
        outcome = json.loads(json.dumps(settled.outcome))
        for call in db.settled:
            call(receipt, settled.applied, outcome)
        if receipt.state == "pending":
            state = "applied" if settled.applied else "refused"
            db.receipts[receipt.id] = replace(receipt, state=state, outcome=outcome, view=view)


def _receipt(db: Database, transition: Transition, message: EntityMessage) -> NewReceipt:
    return NewReceipt(
        id=f"req_m{db.number('message')}",
        store=transition.store,
        kind=message.kind,
        entity=message.entity,
        command=message.command,
        body=message.body,
        actor=transition.entity,
        role="entity",
        principal=transition.entity,
        idempotency_key=message.key,
        fingerprint=b"",
    )
