"""Records receipts. A write is recorded here before its workflow receives it; the recorded instant decides (G3).

A receipt is inserted under its entity's advisory lock, so `seq` rises in receipt order within an entity. It stays open until it is
settled and its delivery is confirmed. A worker settles a receipt here before Temporal stores the result, and may stop between the two.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon import tracing

PATIENCE_SECONDS = 5.0
"""The relay delivers a request that its own API process has not delivered after this many seconds."""


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A write before it is recorded. `principal` is the scope of its idempotency key; `actor` is the person behind it."""

    id: str
    store: str
    kind: str
    entity: str
    command: str
    body: dict[str, Any]
    actor: str
    role: str
    principal: str
    idempotency_key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """A recorded write. `received_at` is the instant that decides; `state` is pending, applied or refused.

    `after` is the number of the entity's last transition when the receipt was recorded. `trace` is the place, as a `traceparent`, at which
    its request is continued.
    """

    seq: int
    id: str
    store: str
    kind: str
    entity: str
    command: str
    body: dict[str, Any]
    actor: str
    role: str
    fingerprint: bytes
    received_at: datetime
    state: str
    deferred: bool
    outcome: dict[str, Any] | None
    view: dict[str, Any] | None
    after: int
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Where a receipt waits to be delivered. It holds nothing of the receipt that could be unreadable."""

    seq: int
    store: str
    entity: str


_COLUMNS = (
    "seq, id, store_id, entity_kind, entity_id, command, body, actor, role, fingerprint, received_at, state, deferred, "
    "outcome, view, after_seq, trace"
)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:entity, 0))")
_BY_ID = text(f"select {_COLUMNS} from receipt where id = :id")
_INSERT = text(
    f"""insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal, idempotency_key,
                             fingerprint, received_at, after_seq, trace)
        values (:id, :store, :kind, :entity, :command, cast(:body as jsonb), :actor, :role, :principal, :key, :fingerprint,
                coalesce(cast(:at as timestamptz), clock_timestamp() - make_interval(secs => :spent)),
                coalesce((select seq from entity where id = :entity), 0), :trace)
        on conflict (store_id, principal, idempotency_key) do nothing returning {_COLUMNS}"""
)
_PENDING = text(
    f"""select {_COLUMNS} from receipt where store_id = :store and entity_id = :entity
        and (state = 'pending' or not delivered) order by seq"""
)
_IS_PENDING = text("select 1 from receipt where entity_id = :entity and state = 'pending' limit 1")
_OVERDUE = text(
    """select seq, store_id, entity_id from receipt
        where seq > :after
          and ((not delivered and role = 'entity')
               or ((state = 'pending' or not delivered)
                   and accepted_at < clock_timestamp() - make_interval(secs => :older)))
        order by seq limit :limit"""
)
# A crash that loses this mark costs one more delivery, which the workflow deduplicates. So the commit does not wait for the disk.
# Two who confirm the same receipts lock them in the same order, and never wait for each other.
_CONFIRM = text(
    f"""update receipt set delivered = true
        where seq in (select seq from receipt where id = any (cast(:ids as text[])) order by seq for update)
        returning {_COLUMNS}, set_config('synchronous_commit', 'off', true)"""
)
_DEFER = text("update receipt set deferred = true where id = :id and state = 'pending'")
_REFUSE = text(
    "update receipt set state = 'refused', delivered = true, outcome = cast(:outcome as jsonb) where id = :id and state = 'pending'"
)
_FORGET = text("select forget_receipts()")
_SETTLE = text(
    "update receipt set state = 'applied', delivered = true, outcome = cast(:outcome as jsonb) where id = :id and state = 'pending'"
)
_LATEST = text(
    "select body from receipt where entity_id = :entity and store_id = :store order by seq desc limit 1"
)


def _place() -> str | None:
    place = tracing.current()
    return None if place is None else str(place)


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        seq=row.seq,
        id=row.id,
        store=row.store_id,
        kind=row.entity_kind,
        entity=row.entity_id,
        command=row.command,
        body=row.body,
        actor=row.actor,
        role=row.role,
        fingerprint=bytes(row.fingerprint),
        received_at=row.received_at,
        state=row.state,
        deferred=row.deferred,
        outcome=row.outcome,
        view=row.view,
        after=row.after_seq,
        trace=row.trace,
    )


async def lock_inbox(tx: AsyncConnection, entity: str) -> None:
    """Takes the entity's advisory lock until the transaction ends. It orders receipts among themselves and against closings."""
    await tx.execute(_LOCK, {"entity": entity})


async def record(
    tx: AsyncConnection, request: NewReceipt, at: datetime | None, spent: float
) -> Receipt | None:
    """Records the request and returns its receipt, or None when the idempotency key was taken meanwhile.

    `at` is a sandbox store's frozen instant; in a live store it is None and the stamp is database time less the `spent`
    monotonic seconds. The caller holds the entity's inbox lock.
    """
    row = (
        await tx.execute(
            _INSERT,
            {
                "id": request.id,
                "store": request.store,
                "kind": request.kind,
                "entity": request.entity,
                "command": request.command,
                "body": json.dumps(request.body),
                "actor": request.actor,
                "role": request.role,
                "principal": request.principal,
                "key": request.idempotency_key,
                "fingerprint": request.fingerprint,
                "at": at,
                "spent": spent,
                "trace": _place(),
            },
        )
    ).one_or_none()
    return None if row is None else _receipt(row)


async def find(tx: AsyncConnection, receipt: str) -> Receipt | None:
    """The receipt with this id, if its store is visible."""
    row = (await tx.execute(_BY_ID, {"id": receipt})).one_or_none()
    return None if row is None else _receipt(row)


async def pending(tx: AsyncConnection, store: str, entity: str) -> list[Receipt]:
    """Receipts of the entity that may not have been applied yet, in receipt order; a workflow applies none of them twice."""
    return [_receipt(row) for row in await tx.execute(_PENDING, {"store": store, "entity": entity})]


async def is_pending(tx: AsyncConnection, entity: str) -> bool:
    """Whether a receipt of the entity waits to be applied, if its store is visible."""
    return (await tx.execute(_IS_PENDING, {"entity": entity})).first() is not None


async def undelivered(
    tx: AsyncConnection, older_than: float, limit: int, after: int = 0
) -> Sequence[Undelivered]:
    """Where the relay has to deliver, by the receipts after receipt number `after`. One unreadable receipt hides no other.

    Messages between entities are due at once, requests after `older_than` seconds.
    """
    rows = await tx.execute(_OVERDUE, {"older": older_than, "limit": limit, "after": after})
    return [Undelivered(row.seq, row.store_id, row.entity_id) for row in rows]


async def confirm(tx: AsyncConnection, delivered: Sequence[Receipt]) -> dict[str, Receipt]:
    """Marks receipts that are in the workflow's history as delivered. Returns them as they stand now, by id."""
    rows = await tx.execute(_CONFIRM, {"ids": [receipt.id for receipt in delivered]})
    return {row.id: _receipt(row) for row in rows}


async def defer(tx: AsyncConnection, receipt: str) -> None:
    """Records that the caller was answered 202, so that the same key gets the same 202."""
    await tx.execute(_DEFER, {"id": receipt})


async def refuse(tx: AsyncConnection, receipt: str, outcome: dict[str, Any]) -> None:
    """Refuses a receipt of an entity that has ended."""
    await tx.execute(_REFUSE, {"id": receipt, "outcome": json.dumps(outcome)})


async def forget_old(tx: AsyncConnection) -> int:
    """Deletes settled receipts older than 30 days. Returns how many."""
    return int((await tx.execute(_FORGET)).scalar_one())


async def settle(tx: AsyncConnection, receipt: str, outcome: dict[str, Any]) -> None:
    """Settles the receipt of a write without a workflow; the write takes effect in this transaction."""
    await tx.execute(_SETTLE, {"id": receipt, "outcome": json.dumps(outcome)})


async def latest(tx: AsyncConnection, store: str, entity: str) -> dict[str, Any] | None:
    """The body of the newest receipt of the entity."""
    body: dict[str, Any] | None = (
        await tx.execute(_LATEST, {"store": store, "entity": entity})
    ).scalar_one_or_none()
    return body
