"""The steps of a repair: frozen by its plan, sent one receipt each, and settled by what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.repairs.assessment import Assessment
from jalon.domain.repairs.names import ItemState, RepairAction


@dataclass(frozen=True, slots=True)
class Item:
    """One step of a repair. `code` and `message` are of a refusal; `found_step` and `found_cause` are where it parked."""

    n: int
    store: str
    entity: str
    kind: str | None
    number: str | None
    step: str
    fingerprint: str | None
    plan: dict[str, Any]
    state: ItemState
    sent_at: datetime | None
    settled_at: datetime | None
    found_step: str | None
    found_cause: str | None
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """A step that gets its command next, with where it stands now; `changed`: not where the plan saw it."""

    n: int
    store: str
    entity: str
    kind: str
    step: str
    changed: bool
    point: dict[str, Any] | None = None


_COLUMNS = """n, store_id, entity_id, kind, number, step, fingerprint, plan, state, sent_at, settled_at, found_step, found_cause, code,
              message"""
_KEEP = text(
    """insert into repair_item (store_id, repair_id, n, entity_id, kind, number, step, fingerprint, found, plan, state, code, message)
       select store, :repair, n, entity, kind, number, step, fingerprint, found, plan, state, code, message
       from jsonb_to_recordset(cast(:items as jsonb)) as i(store text, n int, entity text, kind text, number text, step text,
                                                           fingerprint text, found text, plan jsonb, state text, code text, message text)"""
)
_LIST = text(
    f"""select {_COLUMNS} from repair_item
        where repair_id = :repair and n > :after and (cast(:states as text[]) is null or state = any (cast(:states as text[])))
        order by n limit :limit"""
)
_STEPS = text("select entity_id, step from repair_item where repair_id = :repair order by n")
_FOUND_BY_PLAN = text("select found from repair_item where repair_id = :repair order by n")
_COUNTS = text("select state, count(*) as times from repair_item where repair_id = :repair group by state")
_FOUND = text(
    """select found_step, found_cause, count(*) as times from repair_item
       where repair_id = :repair and found_cause is not null group by found_step, found_cause order by times desc, found_step"""
)
_REFUSALS = text(
    """select code, min(message) as message, count(*) as times from repair_item
       where repair_id = :repair and state = 'refused' group by code order by times desc, code"""
)
_NEXT = text(
    """select i.n, i.store_id, i.entity_id, i.kind, i.step,
              i.step <> 'workflow_task' and i.fingerprint is not null
                  and (p.each is null or p.each ->> 'fingerprint' <> i.fingerprint) as changed, i.point
       from repair_item i left join entity e on e.id = i.entity_id
       left join lateral (select each from jsonb_array_elements(e.view -> 'parked') each where each ->> 'step' = i.step limit 1) p on true
       where i.repair_id = :repair and i.state = 'unsent' and i.store_id <> all (cast(:waiting as text[]))
       order by i.n limit :most"""
)
_ADVANCING = text("select store_id from test_clock where advance_to is not null")
_SENT = text(
    """update repair_item i set state = 'sent', receipt_id = :receipt, sent_at = clock_timestamp(),
           after_epoch = (select epoch from entity where id = i.entity_id), after_seq = (select seq from entity where id = i.entity_id)
       where i.repair_id = :repair and i.n = :n and i.state = 'unsent'"""
)
_REFUSE = text(
    """update repair_item set state = 'refused', code = :code, message = :message, settled_at = clock_timestamp()
       where repair_id = :repair and n = :n and state in ('unsent', 'sent')"""
)
_INTEND = text(
    "update repair_item set point = cast(:point as jsonb) where repair_id = :repair and n = :n and state = 'unsent'"
)
_SENT_ALREADY = text(
    "select n, store_id, entity_id, kind, step, fingerprint, point from repair_item where repair_id = :repair and state = 'sent' order by n"
)
_SETTLE = text(
    """update repair_item set state = :state, settled_at = clock_timestamp(), message = :message,
           found_step = case when cast(:cause as text) is not null then step end, found_cause = :cause
       where repair_id = :repair and n = :n and state in ('unsent', 'sent')"""
)
# What a step came to is told by its entity: by the outcome of the receipt, by what is parked now, and by the events after the command.
# A retry is settled by its event, since a step that is under way is not parked either.
_OBSERVE = text(
    """with looked as (
           select i.n, r.state as receipt, r.outcome -> 'violations' -> 0 as refusal, i.fingerprint, i.step, now.each as parked,
                  exists (select 1 from timeline t where t.entity_id = i.entity_id and t.event = 'step_settled'
                          and (t.epoch, t.seq) > (i.after_epoch, i.after_seq) and t.data ->> 'step' = i.step) as settled,
                  again.step as again_step, again.cause as again_cause, again.fingerprint as again_fingerprint
           from repair_item i join entity e on e.id = i.entity_id left join receipt r on r.id = i.receipt_id
           left join lateral (select each from jsonb_array_elements(e.view -> 'parked') each where each ->> 'step' = i.step limit 1)
               now on true
           left join lateral (
               select p ->> 'step' as step, p ->> 'cause' as cause, p ->> 'fingerprint' as fingerprint
               from jsonb_array_elements(e.view -> 'parked') p
               where (p ->> 'step' = i.step or (:giving_up and p ->> 'step' not like 'mail/%'))
                 and exists (select 1 from timeline t where t.entity_id = i.entity_id and t.event = 'step_parked'
                             and (t.epoch, t.seq) > (i.after_epoch, i.after_seq) and t.data ->> 'step' = p ->> 'step')
               order by p ->> 'step' = i.step desc limit 1) again on true
           where i.repair_id = :repair and i.state = 'sent'
       ), judged as (
           select n, case when receipt = 'refused' then 'refused'
                          when receipt = 'pending' then null
                          when again_fingerprint = fingerprint and again_step = step then 'parked_again'
                          when again_step is not null then 'parked_other'
                          when parked is null and (settled or :skips) then 'healed' end as state,
                  again_step, again_cause, refusal
           from looked
       )
       update repair_item i set state = j.state, settled_at = clock_timestamp(),
           found_step = j.again_step, found_cause = j.again_cause,
           code = case when j.state = 'refused' then j.refusal ->> 'code' end,
           message = case when j.state = 'refused' then j.refusal ->> 'message' end
       from judged j where i.repair_id = :repair and i.n = j.n and i.state = 'sent' and j.state is not null
       returning i.n"""
)


def _item(row: Row[Any]) -> Item:
    return Item(
        row.n,
        row.store_id,
        row.entity_id,
        row.kind,
        row.number,
        row.step,
        row.fingerprint,
        row.plan,
        ItemState(row.state),
        row.sent_at,
        row.settled_at,
        row.found_step,
        row.found_cause,
        row.code,
        row.message,
    )


async def keep(
    tx: AsyncConnection, repair: str, action: RepairAction, assessed: Sequence[Assessment], home: str
) -> None:
    """Freezes the selection of a plan, in its order. What no store has is kept with the store `home`."""
    rows = [
        {
            "store": each.facts.store or home,
            "n": n,
            "entity": each.facts.entity,
            "kind": each.facts.kind,
            "number": each.facts.number,
            "step": each.facts.step,
            "fingerprint": each.fingerprint,
            "found": each.found(action),
            "plan": each.as_plan() if each.refused is None else {},
            "state": ItemState.REFUSED if each.refused else ItemState.UNSENT,
            "code": each.refused.code if each.refused else None,
            "message": each.refused.message if each.refused else None,
        }
        for n, each in enumerate(assessed, start=1)
    ]
    await tx.execute(_KEEP, {"repair": repair, "items": json.dumps(rows)})


async def listed(
    tx: AsyncConnection, repair: str, limit: int, after: int = 0, states: Sequence[ItemState] | None = None
) -> list[Item]:
    """Items in the order of the plan, of those after number `after` and in one of the states."""
    asked = {
        "repair": repair,
        "limit": limit,
        "after": after,
        "states": None if states is None else list(states),
    }
    return [_item(row) for row in await tx.execute(_LIST, asked)]


async def steps(tx: AsyncConnection, repair: str) -> list[tuple[str, str]]:
    """The frozen selection as (entity, step), in its order."""
    return [(row.entity_id, row.step) for row in await tx.execute(_STEPS, {"repair": repair})]


async def found_by_plan(tx: AsyncConnection, repair: str) -> list[str]:
    """What the plan found of each step, in its order; equal texts stand for equal findings."""
    return list(await tx.scalars(_FOUND_BY_PLAN, {"repair": repair}))


async def counts(tx: AsyncConnection, repair: str) -> dict[ItemState, int]:
    """The number of items in each state that has any."""
    return {ItemState(row.state): row.times for row in await tx.execute(_COUNTS, {"repair": repair})}


async def causes_found(tx: AsyncConnection, repair: str) -> list[tuple[str, str, int]]:
    """Where items parked again, as (step, cause, times), the most frequent first."""
    return [
        (row.found_step, row.found_cause, row.times) for row in await tx.execute(_FOUND, {"repair": repair})
    ]


async def refusals(tx: AsyncConnection, repair: str) -> list[tuple[str, str, int]]:
    """Why items were refused, as (code, one of the messages, times), the most frequent first."""
    return [(row.code, row.message, row.times) for row in await tx.execute(_REFUSALS, {"repair": repair})]


async def to_send(tx: AsyncConnection, repair: str, most: int) -> list[Unsent]:
    """The next items, without those of a store whose test clock advances."""
    waiting = list(await tx.scalars(_ADVANCING))
    rows = await tx.execute(_NEXT, {"repair": repair, "most": most, "waiting": waiting})
    return [
        Unsent(row.n, row.store_id, row.entity_id, row.kind, row.step, row.changed, row.point) for row in rows
    ]


async def mark_sent(tx: AsyncConnection, repair: str, n: int, receipt: str | None) -> None:
    """Records that the item has its command, and where its entity stood then."""
    await tx.execute(_SENT, {"repair": repair, "n": n, "receipt": receipt})


async def refuse(tx: AsyncConnection, repair: str, n: int, code: str, message: str) -> None:
    """Records that an item is left out."""
    await tx.execute(_REFUSE, {"repair": repair, "n": n, "code": code, "message": message})


async def observe(tx: AsyncConnection, repair: str, action: RepairAction) -> int:
    """Settles the items whose outcome is known by now, in one statement. Returns how many."""
    asked = {
        "repair": repair,
        "giving_up": action is RepairAction.COMPENSATE,
        "skips": action is RepairAction.SKIP,
    }
    return len((await tx.execute(_OBSERVE, asked)).all())


@dataclass(frozen=True, slots=True)
class Reset:
    """An entity that was reset and has no outcome yet."""

    n: int
    store: str
    entity: str
    kind: str
    fingerprint: str


async def intend_reset(tx: AsyncConnection, repair: str, n: int, point: dict[str, Any]) -> None:
    """Writes down where an entity is reset to, before it is."""
    await tx.execute(_INTEND, {"repair": repair, "n": n, "point": json.dumps(point)})


async def reset_so_far(tx: AsyncConnection, repair: str) -> list[Reset]:
    """The entities that were reset and have no outcome yet."""
    rows = await tx.execute(_SENT_ALREADY, {"repair": repair})
    return [Reset(row.n, row.store_id, row.entity_id, row.kind, row.fingerprint) for row in rows]


async def settle(
    tx: AsyncConnection, repair: str, n: int, state: ItemState, cause: str | None, message: str | None = None
) -> None:
    """Records the outcome of an item, with the cause for which it stands again."""
    await tx.execute(_SETTLE, {"repair": repair, "n": n, "state": state, "cause": cause, "message": message})
