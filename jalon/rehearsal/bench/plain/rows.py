"""The plain way's database writes. Each has its own idempotency key and its own transaction.

`project`, `narrate` and `publish` are one effect each. `record_step` makes the same three writes in one transaction, for the variant of
the plain way that bundles them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json, to_jsonable_python
from sqlalchemy import text
from temporalio import activity

from jalon.domain.transition import TimelineEntry
from jalon.persistence.sessions import Sessions


@dataclass(frozen=True)
class Row:
    """An order or subscription as readers see it: `view` is its projection after step `seq`."""

    store: str
    kind: str
    entity: str
    seq: int
    at: datetime
    status: str
    view: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The events of step `seq`: lines of the timeline, and events of the outbox."""

    store: str
    kind: str
    entity: str
    seq: int
    at: datetime
    status: str
    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True)
class Step:
    """Everything that one step writes."""

    row: Row
    told: Told


_PROJECT = """
    insert into entity (store_id, id, kind, epoch, seq, status, view, next_due_at, busy, parked, number, order_id, buyer_id,
                        purchase_order_number, created_at, updated_at)
    values (:store, :entity, :kind, 0, :seq, :status, cast(:view as jsonb), null, false, 0, :number, :order_id, :buyer_id,
            :purchase_order_number, :at, :at)
    on conflict (id) do update set seq = excluded.seq, status = excluded.status, view = excluded.view,
        number = excluded.number, buyer_id = excluded.buyer_id, purchase_order_number = excluded.purchase_order_number,
        updated_at = excluded.updated_at
    where entity.seq <= excluded.seq"""
_NARRATE = """
    insert into timeline (store_id, entity_id, epoch, seq, n, at, event, rule, actor, data)
    select :store, :entity, 0, :seq, n, at, event, rule, actor, data
    from jsonb_to_recordset(cast(:entries as jsonb))
         as l(n int, at timestamptz, event text, rule text, actor text, data jsonb)
    on conflict do nothing"""
_FRESH = """
    fresh as (
        insert into transition (store_id, entity_id, epoch, seq, digest, at) values (:store, :entity, 0, :seq, :digest, :at)
        on conflict do nothing returning seq)"""
_PUBLISH = """
    insert into outbox (store_id, entity_id, type, at, data)
    select :store, :entity, :kind || '.' || event, o.at, data || jsonb_build_object('status', cast(:status as text))
    from fresh, jsonb_to_recordset(cast(:entries as jsonb)) as o(n int, at timestamptz, event text, data jsonb) order by n"""
_PROJECT_ALONE = text(_PROJECT)
_NARRATE_ALONE = text(_NARRATE)
_PUBLISH_ALONE = text(f"with {_FRESH} {_PUBLISH}")
_TOGETHER = text(f"with projected as ({_PROJECT}), narrated as ({_NARRATE}), {_FRESH} {_PUBLISH}")


def _of_row(row: Row) -> dict[str, Any]:
    return {
        "store": row.store,
        "kind": row.kind,
        "entity": row.entity,
        "seq": row.seq,
        "at": row.at,
        "status": row.status,
        "view": to_json(row.view).decode(),
        "number": row.view.get("number"),
        "order_id": row.view.get("order_id"),
        "buyer_id": row.view.get("buyer"),
        "purchase_order_number": row.view.get("purchase_order_number"),
    }


def _of_told(told: Told) -> dict[str, Any]:
    entries = to_json(
        [to_jsonable_python(entry) | {"n": number} for number, entry in enumerate(told.entries)]
    )
    return {
        "store": told.store,
        "kind": told.kind,
        "entity": told.entity,
        "seq": told.seq,
        "at": told.at,
        "status": told.status,
        "entries": entries.decode(),
        "digest": hashlib.sha256(entries).digest(),
    }


def _only(statement: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


class PlainRows:
    """Writes rows for the plain way. Temporal's default retries repeat failed writes."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @activity.defn(name="plain_project")
    async def project(self, row: Row) -> None:
        """Writes the projection that lists and search read. An older step never overwrites a newer one."""
        async with self._sessions.of(row.store) as tx:
            await tx.execute(_PROJECT_ALONE, _of_row(row))

    @activity.defn(name="plain_narrate")
    async def narrate(self, told: Told) -> None:
        """Writes the lines of the timeline, once for each (entity, step, line)."""
        async with self._sessions.of(told.store) as tx:
            await tx.execute(_NARRATE_ALONE, _only(_NARRATE, _of_told(told)))

    @activity.defn(name="plain_publish")
    async def publish(self, told: Told) -> None:
        """Writes the outbox events, once for each step: the step's row is their key."""
        async with self._sessions.of(told.store) as tx:
            await tx.execute(_PUBLISH_ALONE, _of_told(told))

    @activity.defn(name="plain_record_step")
    async def record_step(self, step: Step) -> None:
        """Writes projection, timeline and outbox of one step in one statement of one transaction."""
        async with self._sessions.of(step.row.store) as tx:
            await tx.execute(_TOGETHER, _of_row(step.row) | _of_told(step.told))
