"""The history of entities, page by page: everything recorded about them, the latest record first.

Each source is read in the order of its own index from where the page before left it, so that a page costs the same however long the
history is. Sources are merged by the real time of their recording.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection


class Source(StrEnum):
    """What an item is read from."""

    EVENT = "event"
    RECEIPT = "receipt"
    AUDIT = "audit"
    MAIL = "mail"
    PAYMENT = "payment"
    DOCUMENT = "document"
    NOTE = "note"


class ItemKind(StrEnum):
    """What an item is for people: a report of a provider is a webhook and no command, a reset no act of an operator."""

    COMMAND = "command"
    EVENT = "event"
    MAIL = "mail"
    PAYMENT = "payment"
    WEBHOOK = "webhook"
    DOCUMENT = "document"
    NOTE = "note"
    OPERATOR = "operator"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The kinds of items to read. Receipts of the command `report` are those of webhooks."""

    kinds: frozenset[ItemKind] = frozenset(ItemKind)
    report: str = ""


EVERYTHING = Wanted()
_LAST = 2**31 - 1
_LAST_ID = 2**63 - 1
_NUMBERED = (Source.RECEIPT, Source.AUDIT, Source.NOTE)
_DATED = (Source.MAIL, Source.PAYMENT, Source.DOCUMENT)
FIRST_EVENT = (_LAST, _LAST, _LAST)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended. `events` holds the epoch, sequence and number of each entity's last event; `others` the last of each source.

    Those of receipts, audit and notes are numbers; of e-mails, payments and documents instants and keys.
    """

    events: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    dated: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `receipts` are those that caused it; `superseded`: a reset took another course. A note is `sealed` under a person's key."""

    source: Source
    entity: str
    at: datetime
    recorded_at: datetime
    what: str
    rule: str | None
    actor: str | None
    role: str | None
    receipts: tuple[str, ...]
    trace: str | None
    superseded: bool
    data: Mapping[str, Any]
    sealed: bytes | None
    wrapped_key: bytes | None
    place: tuple[str, ...]


# Row comparisons with a place that is always given let each branch go along its index. A branch whose kind nobody wants is not begun.
PAGE = text(
    """with asked as (
           select a.*, exists (select 1 from transition t where t.entity_id = a.id and t.epoch > 0) as was_reset
           from unnest(cast(:entities as text[]), cast(:epochs as int[]), cast(:seqs as int[]), cast(:numbers as int[]))
                as a(id, epoch, seq, n))
       select 'event' as source, i.* from asked cross join lateral (
           select t.entity_id, t.at, told.recorded_at, t.event as what, t.rule, t.actor, null::text as role, told.receipts,
                  null::text as trace, t.data, null::bytea as sealed, null::bytea as wrapped,
                  asked.was_reset and exists (select 1 from transition later where later.entity_id = t.entity_id
                          and later.epoch > t.epoch and later.seq <= t.seq) as superseded,
                  array[t.epoch::text, t.seq::text, t.n::text] as place
           from (select * from timeline where entity_id = asked.id and (epoch, seq, n) < (asked.epoch, asked.seq, asked.n)
                 order by epoch desc, seq desc, n desc limit :limit) t
                cross join lateral (select recorded_at, receipts from transition
                                    where entity_id = t.entity_id and epoch = t.epoch and seq = t.seq offset 0) told) i
       where :event
       union all
       select 'receipt', i.* from asked cross join lateral (
           select r.entity_id, r.received_at, r.accepted_at, r.command, null, r.actor, r.role, array[r.id], r.trace,
                  jsonb_build_object('state', r.state, 'deferred', r.deferred, 'body', r.body, 'outcome', r.outcome),
                  null::bytea, null::bytea, false, array[r.seq::text]
           from receipt r where r.entity_id = asked.id and r.seq < :last_receipt
             and case when r.command = :report then :webhook else :command end
           order by r.seq desc limit :limit) i
       where :webhook or :command
       union all
       select 'audit', i.* from asked cross join lateral (
           select a.entity_id, a.at, a.recorded_at, a.action, a.rule, a.actor, a.role, '{}'::text[], null,
                  a.data || jsonb_build_object('reason', a.reason), null::bytea, null::bytea, false, array[a.id::text]
           from audit a where a.entity_id = asked.id and a.id < :last_audit
             and case when a.action = 'entity_reset' then :reset else :operator and a.role not in ('system', 'entity') end
           order by a.id desc limit :limit) i
       where :reset or :operator
       union all
       select 'mail', i.* from asked cross join lateral (
           select m.entity_id, coalesce(m.accepted_at, m.at), m.recorded_at, m.template, null, null, null, '{}'::text[], null,
                  jsonb_build_object('id', m.message_id, 'to', m.party_id, 'attempts', m.attempts, 'server', m.server,
                                     'answer', m.answer, 'code', coalesce(m.bounced, m.refusal), 'left_at', m.left_at,
                                     'state', case when m.bounced is null then m.state else 'bounced' end),
                  null::bytea, null::bytea, false, array[to_jsonb(m.recorded_at) #>> '{}', m.key]
           from mail m where m.entity_id = asked.id and (m.recorded_at, m.key) < (cast(:mail_at as timestamptz), :mail_key)
           order by m.recorded_at desc, m.key desc limit :limit) i
       where :mail
       union all
       select 'payment', i.* from asked cross join lateral (
           select p.entity_id, p.at, p.recorded_at, p.purpose, null, null, null, '{}'::text[], null,
                  jsonb_build_object('state', p.state, 'amount', p.amount::text, 'currency', p.currency, 'provider', p.provider,
                                     'reference', p.reference, 'code', p.outcome ->> 'code', 'term', p.cycle,
                                     'generation', p.generation, 'settled_at', p.settled_at),
                  null::bytea, null::bytea, false, array[to_jsonb(p.recorded_at) #>> '{}', p.key]
           from payment p where p.entity_id = asked.id and (p.recorded_at, p.key) < (cast(:payment_at as timestamptz), :payment_key)
           order by p.recorded_at desc, p.key desc limit :limit) i
       where :payment
       union all
       select 'document', i.* from asked cross join lateral (
           select d.entity_id, d.created_at, d.recorded_at, d.kind, null, null, null, '{}'::text[], null,
                  jsonb_build_object('id', d.id, 'language', d.language, 'media_type', d.media_type, 'sha256', d.sha256),
                  null::bytea, null::bytea, false, array[to_jsonb(d.recorded_at) #>> '{}', d.id]
           from document d where d.entity_id = asked.id and (d.recorded_at, d.id) < (cast(:document_at as timestamptz), :document_key)
           order by d.recorded_at desc, d.id desc limit :limit) i
       where :document
       union all
       select 'note', i.* from asked cross join lateral (
           select n.entity_id, n.at, n.recorded_at, 'note', null, n.actor, n.role, '{}'::text[], null, '{}'::jsonb, n.body,
                  (select p.wrapped_key from party p where p.id = n.party_id), false, array[n.id::text]
           from support_note n where n.entity_id = asked.id and n.id < :last_note order by n.id desc limit :limit) i
       where :note"""
)


_IN_ORDER = text("set local enable_bitmapscan = off")


async def page(
    tx: AsyncConnection, entities: Sequence[str], limit: int, after: Place, wanted: Wanted = EVERYTHING
) -> tuple[list[Item], Place | None]:
    """At most `limit` wanted items of these entities, the latest first, and where the next page goes on; None on the last one."""
    parameters = parameters_of(entities, limit, after, wanted)
    # Of an entity the planner expects few rows, and would read and sort all twenty thousand of a long life.
    await tx.execute(_IN_ORDER)
    runs: dict[tuple[str, str], list[Item]] = {}
    for row in await tx.execute(PAGE, parameters):
        item = _item(row)
        # A place names the last event of each entity, and the last of each other source for all entities at once.
        runs.setdefault((item.source, item.entity if item.source is Source.EVENT else ""), []).append(item)
    sorted_runs = (sorted(run, key=_order, reverse=True) for run in runs.values())
    merged = list(heapq.merge(*sorted_runs, key=lambda item: item.recorded_at, reverse=True))
    shown = merged[:limit]
    return shown, _after(after, shown) if len(merged) > limit else None


def parameters_of(
    entities: Sequence[str], limit: int, after: Place, wanted: Wanted = EVERYTHING
) -> dict[str, Any]:
    """The parameters of PAGE: one item more than `limit` of each source shows whether another page follows."""
    places = [after.events.get(entity, FIRST_EVENT) for entity in entities]
    parameters: dict[str, Any] = {
        "entities": list(entities),
        "epochs": [place[0] for place in places],
        "seqs": [place[1] for place in places],
        "numbers": [place[2] for place in places],
        "limit": limit + 1,
        "report": wanted.report,
        **{kind.value: kind in wanted.kinds for kind in ItemKind},
    }
    for source in _NUMBERED:
        parameters[f"last_{source.value}"] = after.numbers.get(source, _LAST_ID)
    for source in _DATED:
        at, key = after.dated.get(source, ("infinity", ""))
        parameters |= {f"{source}_at": at, f"{source}_key": key}
    return parameters


def _item(row: Row[Any]) -> Item:
    return Item(
        source=Source(row.source),
        entity=row.entity_id,
        at=row.at,
        recorded_at=row.recorded_at,
        what=row.what,
        rule=row.rule,
        actor=row.actor,
        role=row.role,
        receipts=tuple(row.receipts or ()),
        trace=row.trace,
        superseded=row.superseded,
        data=row.data or {},
        sealed=row.sealed,
        wrapped_key=row.wrapped,
        place=tuple(row.place),
    )


def _order(item: Item) -> tuple[Any, ...]:
    """The order within a source: that of its index."""
    if item.source in _DATED:
        return (item.recorded_at, item.place[1])
    return tuple(int(part) for part in item.place)


def _after(before: Place, shown: Sequence[Item]) -> Place:
    """The place behind these items."""
    events, numbers, dated = dict(before.events), dict(before.numbers), dict(before.dated)
    for item in shown:
        if item.source is Source.EVENT:
            epoch, seq, n = (int(part) for part in item.place)
            events[item.entity] = (epoch, seq, n)
        elif item.source in _NUMBERED:
            numbers[item.source] = int(item.place[0])
        else:
            dated[item.source] = (item.place[0], item.place[1])
    return Place(events, numbers, dated)
