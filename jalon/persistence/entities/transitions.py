"""Records a transition: projection, timeline, audit, outbox, outcomes of receipts and messages, in one transaction.

A transition is keyed by (entity, epoch, seq) with a digest of its content. The same key with the same content is recorded once. Other
content under the same key means that a reset took another course: a new epoch opens and the reset is audited. The projection always takes
the transition's view, so it equals the workflow's own answer after every replay. A run that was reset may have a write under way when its
successor goes on: what an earlier run writes once a later one has written is left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon import tracing
from jalon.domain.searching import fold
from jalon.domain.transition import AuditEntry, EntityMessage, Transition
from jalon.persistence.ids import new_id

RUNS_KEPT = 8
"""The runs of a workflow that are remembered. One that ended longer ago has no write under way."""

_LOCK_INBOXES = text(
    "select pg_advisory_xact_lock(hashtextextended(e, 0)) from (select unnest(cast(:entities as text[])) e order by e) o"
)
_CURRENT = text(
    """select e.epoch, e.seq, e.runs,
              (select t.digest from transition t where t.entity_id = e.id and t.epoch = e.epoch and t.seq = :seq) as digest
       from entity e where e.id = :entity for update"""
)
_LAST = text("select max(seq) from transition where entity_id = :entity and epoch = :epoch")
_UPSERT_ENTITY = """
    entity_row as (
        insert into entity (store_id, id, kind, epoch, seq, status, view, next_due_at, busy, parked, runs, number, order_id,
                            buyer_id, purchase_order_number, created_at, updated_at)
        values (:store, :entity, :kind, :epoch, :seq, :status, cast(:view as jsonb), :next_due_at, :busy, :parked,
                cast(:runs as uuid[]), :number, :order_id, :buyer_id, :purchase_order_number, :at, :at)
        on conflict (id) do update set epoch = excluded.epoch, seq = excluded.seq, status = excluded.status, view = excluded.view,
            next_due_at = excluded.next_due_at, busy = excluded.busy, parked = excluded.parked, runs = excluded.runs,
            number = excluded.number, buyer_id = excluded.buyer_id, purchase_order_number = excluded.purchase_order_number,
            updated_at = excluded.updated_at
        returning id)"""
_MARK_RECEIPTS = """
    marked as (
        update receipt r set state = case when s.applied then 'applied' else 'refused' end, outcome = s.outcome,
                             view = cast(:view as jsonb)
        from jsonb_to_recordset(cast(:settled as jsonb)) as s(receipt text, applied boolean, outcome jsonb)
        where r.id = s.receipt and r.state = 'pending' returning r.id)"""
_APPEND = """
    transition_row as (
        insert into transition (store_id, entity_id, epoch, seq, digest, at, receipts)
        values (:store, :entity, :epoch, :seq, :digest, :at,
                array(select s.receipt from jsonb_to_recordset(cast(:settled as jsonb)) as s(receipt text))) returning seq),
    timeline_rows as (
        insert into timeline (store_id, entity_id, epoch, seq, n, at, event, rule, actor, data)
        select :store, :entity, :epoch, :seq, n, at, event, rule, actor, data
        from jsonb_to_recordset(cast(:timeline as jsonb))
             as l(n int, at timestamptz, event text, rule text, actor text, data jsonb) returning n),
    outbox_rows as (
        insert into outbox (store_id, entity_id, type, at, data)
        select :store, :entity, :kind || '.' || event, at, data || jsonb_build_object('status', cast(:status as text))
        from jsonb_to_recordset(cast(:timeline as jsonb)) as o(n int, at timestamptz, event text, data jsonb) order by n returning id),
    audit_rows as (
        insert into audit (store_id, entity_id, at, actor, role, action, rule, reason, data)
        select :store, :entity, at, actor, role, action, rule, reason, data
        from jsonb_to_recordset(cast(:audit as jsonb))
             as a(at timestamptz, actor text, role text, action text, rule text, reason text, data jsonb)
        returning id),
    message_rows as (
        insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal, idempotency_key,
                             fingerprint, received_at, after_seq, trace)
        select id, :store, kind, entity, command, body, :entity, 'entity', :entity, key, ''::bytea, at,
               coalesce((select e.seq from entity e where e.id = m.entity), 0), cast(:trace as text)
        from jsonb_to_recordset(cast(:messages as jsonb))
             as m(id text, kind text, entity text, command text, body jsonb, key text, at timestamptz)
        on conflict (store_id, principal, idempotency_key) do nothing returning id)"""
_NOTIFY = "select case when exists (select 1 from message_rows) then pg_notify('jalon_receipts', :store) end"
_RECORD_NEW = text(f"with {_UPSERT_ENTITY}, {_MARK_RECEIPTS}, {_APPEND} {_NOTIFY}")
_RECORD_AGAIN = text(f"with {_UPSERT_ENTITY}, {_MARK_RECEIPTS} select 0")


def digest_of(transition: Transition) -> bytes:
    """The digest of a transition's content, equal whichever run records it. `busy` is left out: it only paces the test clock."""
    content = {
        "status": transition.status,
        "view": transition.view,
        "timeline": transition.timeline,
        "audit": transition.audit,
        "settled": transition.settled,
        "messages": transition.messages,
        "at": transition.at,
    }
    return hashlib.sha256(json.dumps(to_jsonable_python(content), sort_keys=True).encode()).digest()


def _messages(messages: tuple[EntityMessage, ...]) -> list[dict[str, Any]]:
    return [to_jsonable_python(message) | {"id": new_id("receipt")} for message in messages]


def _searched(number: str | None) -> str | None:
    """A customer's number as searches compare it; the view keeps it as it was written."""
    return None if number is None else fold(number) or None


async def _reset_audit(tx: AsyncConnection, transition: Transition, epoch: int) -> AuditEntry:
    last = (await tx.execute(_LAST, {"entity": transition.entity, "epoch": epoch})).scalar_one()
    return AuditEntry(
        at=transition.at,
        actor="system",
        role="system",
        action="entity_reset",
        data={"epoch": epoch + 1, "seq": transition.seq, "superseded_seq": last},
    )


def runs_with(run: str | None, runs: Sequence[str]) -> tuple[str, ...] | None:
    """The runs that recorded, once this one records too; None where a later one has recorded already. No run is of no order."""
    if run is None or runs[-1:] == (run,):
        return tuple(runs)
    return None if run in runs else (*runs, run)[-RUNS_KEPT:]


async def record(tx: AsyncConnection, transition: Transition, run: str | None = None) -> int:
    """Records the transition once and returns its epoch. The transaction must be open for the transition's store.

    Temporal never takes a closed run up again, and `run` is the one that records: an earlier one than the last to record changes nothing.
    """
    if transition.messages:
        await tx.execute(
            _LOCK_INBOXES, {"entities": sorted({message.entity for message in transition.messages})}
        )
    digest = digest_of(transition)
    current = (await tx.execute(_CURRENT, {"entity": transition.entity, "seq": transition.seq})).one_or_none()
    audit = transition.audit
    epoch: int = 0 if current is None else current.epoch
    runs = runs_with(run, () if current is None else tuple(map(str, current.runs)))
    if runs is None:
        return epoch
    if current is not None and current.digest is not None and bytes(current.digest) != digest:
        audit = (await _reset_audit(tx, transition, epoch), *audit)
        epoch += 1
    again = current is not None and current.digest is not None and epoch == current.epoch
    parameters = {
        "store": transition.store,
        "entity": transition.entity,
        "kind": transition.kind,
        "epoch": epoch,
        "seq": transition.seq,
        "status": transition.status,
        "view": to_json(transition.view).decode(),
        "next_due_at": transition.next_due_at,
        "busy": transition.busy,
        "parked": len(transition.view.get("parked", ())),
        "runs": list(runs or ()),
        "number": transition.view.get("number"),
        "order_id": transition.view.get("order_id"),
        "buyer_id": transition.view.get("admin") or transition.view.get("buyer"),
        "purchase_order_number": _searched(transition.view.get("purchase_order_number")),
        "at": transition.at,
        "settled": to_json(transition.settled).decode(),
    }
    if again:
        await tx.execute(_RECORD_AGAIN, parameters)
        return epoch
    numbered = [to_jsonable_python(entry) | {"n": n} for n, entry in enumerate(transition.timeline)]
    await tx.execute(
        _RECORD_NEW,
        parameters
        | {
            "digest": digest,
            "timeline": to_json(numbered).decode(),
            "audit": to_json(audit).decode(),
            "messages": to_json(_messages(transition.messages)).decode(),
            "trace": None if (place := tracing.current()) is None else str(place),
        },
    )
    return epoch
