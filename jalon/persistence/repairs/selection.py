"""What is recorded about the steps that a repair selects: where each stands, and what the ledgers say of its effects."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.money import Money
from jalon.domain.repairs.assessment import Effect, ItemFacts
from jalon.domain.stops import Stop
from jalon.persistence.operations.stalled import STANDS, WORKFLOW_TASK

PURPOSES = {
    "payment": ("charge", "mandate"),
    "charge": ("charge",),
    "refund": ("charge", "refund"),
    "release": ("mandate", "release"),
    "withdraw": ("charge", "withdraw"),
    "find": ("charge", "mandate"),
}
"""The purposes in the ledger of payments that a step is about."""
EFFECTS_SHOWN = 4

_OF_CAUSE = text(
    """select e.id as entity_id, p ->> 'step' as step from entity e cross join lateral jsonb_array_elements(e.view -> 'parked') p
       where e.parked > 0 and p ->> 'fingerprint' = :cause and (cast(:store as text) is null or e.store_id = :store)
       order by p ->> 'since', e.id, step limit :most"""
)
_FAILING = text(
    f"""select entity_id, step from stalled s
        where step = '{WORKFLOW_TASK}' and fingerprint = :cause and (cast(:store as text) is null or store_id = :store) and {STANDS}
        order by since, entity_id limit :most"""
)
# What is under way since the last transition is what a reset repeats: commands without an outcome, and effects without a record of it.
_RESET_FACTS = text(
    f"""select i.n, i.entity_id, i.step, coalesce(e.store_id, s.store_id) as store_id,
               case when s.entity_id is not null then coalesce(e.kind, 'order') else e.kind end as kind,
               e.number, e.status, o.name as other_repair,
               case when s.entity_id is not null
                    then jsonb_build_object('fingerprint', s.fingerprint, 'since', s.since, 'editable', '{{}}'::jsonb) end as parked,
               last.seq as after_seq, last.recorded_at as after_at, pay.rows as payments, m.rows as mails,
               (select count(*) from receipt r where r.entity_id = i.entity_id and (r.state = 'pending' or not r.delivered)) as open
        from unnest(cast(:entities as text[]), cast(:steps as text[])) with ordinality as i(entity_id, step, n)
        left join entity e on e.id = i.entity_id
        left join stalled s on s.entity_id = i.entity_id and s.step = i.step and s.step = '{WORKFLOW_TASK}' and {STANDS}
        left join lateral (select t.seq, t.recorded_at from transition t where t.entity_id = i.entity_id
                           order by t.epoch desc, t.seq desc limit 1) last on true
        left join lateral (
            select r.name from repair_item j join repair r on r.id = j.repair_id
            where j.entity_id = i.entity_id and j.step = i.step and j.state in ('unsent', 'sent')
              and r.started_at is not null and r.state not in ('aborted', 'done') and r.id <> :own limit 1) o on true
        left join lateral (
            select jsonb_agg(jsonb_build_object('key', key, 'what', purpose, 'state', state, 'amount', amount::text, 'currency', currency)
                             order by key) as rows
            from payment p where p.entity_id = i.entity_id and p.state <> 'void' and p.purpose <> 'give_up'
                             and coalesce(p.settled_at, p.sent_at) > last.recorded_at) pay on true
        left join lateral (
            select jsonb_agg(jsonb_build_object('key', key, 'what', 'mail', 'state',
                                                case state when 'accepted' then 'succeeded' when 'intent' then 'unknown' else state end)
                             order by key) as rows
            from mail where entity_id = i.entity_id and coalesce(accepted_at, recorded_at) > last.recorded_at) m on true
        order by i.n"""
)
_STOPS_OVER = text(
    """select distinct s.store_id, s.what
       from repair_item i join repair r on r.id = i.repair_id join emergency_stop s on s.store_id = i.store_id and s.stopped
       where i.repair_id = :repair and i.state in ('unsent', 'sent') and r.action = 'retry'
         and s.what = case when i.step like 'mail/%' then 'mail' when split_part(i.step, '/', 1) in ('payment', 'charge') then 'charges' end
       order by 1, 2"""
)
_FACTS = text(
    """select i.n, i.entity_id, i.step, e.store_id, e.kind, e.number, e.status, p.each as parked, o.name as other_repair,
              pay.rows as payments, m.rows as mails
       from unnest(cast(:entities as text[]), cast(:steps as text[])) with ordinality as i(entity_id, step, n)
       left join entity e on e.id = i.entity_id
       left join lateral (select each from jsonb_array_elements(e.view -> 'parked') each where each ->> 'step' = i.step limit 1) p on true
       left join lateral (
           select r.name from repair_item j join repair r on r.id = j.repair_id
           where j.entity_id = i.entity_id and j.step = i.step and j.state in ('unsent', 'sent')
             and r.started_at is not null and r.state not in ('aborted', 'done') and r.id <> :own limit 1) o on true
       left join lateral (
           select jsonb_agg(jsonb_build_object('key', key, 'what', purpose, 'state', state, 'amount', amount::text, 'currency', currency)
                            order by at desc, generation desc, key) as rows
           from (select * from payment where entity_id = i.entity_id and state <> 'void' order by at desc, generation desc, key
                 limit 12) latest) pay on true
       left join lateral (
           select jsonb_agg(jsonb_build_object(
                      'key', key, 'what', 'mail',
                      'state', case when state = 'accepted' then 'succeeded' when attempts > 0 then 'unknown' else state end)) as rows
           from mail where i.step like 'mail/%' and entity_id = i.entity_id
             and key = encode(sha256(convert_to(e.store_id || '|' || i.entity_id || '|' || substr(i.step, 6) || '|'
                                                || coalesce(p.each -> 'editable' ->> 'party', ''), 'UTF8')), 'hex')) m on true
       order by i.n"""
)


async def stops_over(tx: AsyncConnection, repair: str) -> list[tuple[str, Stop]]:
    """The emergency stops that hold steps of the repair without an outcome, as (store, what)."""
    return [(row.store_id, Stop(row.what)) for row in await tx.execute(_STOPS_OVER, {"repair": repair})]


async def steps_of_cause(
    tx: AsyncConnection, cause: str, store: str | None, most: int
) -> list[tuple[str, str]]:
    """The parked steps of a cause as (entity, step), the longest parked first; at most `most` of them."""
    rows = await tx.execute(_OF_CAUSE, {"cause": cause, "store": store, "most": most})
    return [(row.entity_id, row.step) for row in rows]


async def failing_of_cause(
    tx: AsyncConnection, cause: str, store: str | None, most: int
) -> list[tuple[str, str]]:
    """The entities of a cause whose workflow task fails, as (entity, step), the longest failing first; at most `most` of them."""
    rows = await tx.execute(_FAILING, {"cause": cause, "store": store, "most": most})
    return [(row.entity_id, row.step) for row in rows]


async def reset_facts_of(
    tx: AsyncConnection, steps: Sequence[tuple[str, str]], own_repair: str = ""
) -> list[ItemFacts]:
    """The facts of entities whose workflow task fails: what took effect since their last transition, and their open commands."""
    asked = {"entities": [each[0] for each in steps], "steps": [each[1] for each in steps], "own": own_repair}
    return [
        _item(row, [*(row.payments or ()), *(row.mails or ())], row.after_seq, row.open)
        for row in await tx.execute(_RESET_FACTS, asked)
    ]


async def facts_of(
    tx: AsyncConnection, steps: Sequence[tuple[str, str]], own_repair: str = "", *, giving_up: bool = False
) -> list[ItemFacts]:
    """The facts of each step, in the given order. With `giving_up` they name every payment effect of the entity."""
    asked = {"entities": [each[0] for each in steps], "steps": [each[1] for each in steps], "own": own_repair}
    return [_facts(row, giving_up) for row in await tx.execute(_FACTS, asked)]


def _facts(row: Row[Any], giving_up: bool) -> ItemFacts:
    name = row.step.partition("/")[0]
    wanted = None if giving_up else PURPOSES.get(name, ())
    paid = [each for each in row.payments or () if wanted is None or each["what"] in wanted]
    return _item(row, [*paid[:EFFECTS_SHOWN], *(row.mails or ())])


def _item(
    row: Row[Any], effects: Sequence[dict[str, Any]], after_seq: int | None = None, open_commands: int = 0
) -> ItemFacts:
    return ItemFacts(
        entity=row.entity_id,
        step=row.step,
        store=row.store_id or "",
        kind=row.kind,
        number=row.number,
        status=row.status,
        parked=row.parked,
        other_repair=row.other_repair,
        effects=tuple(map(_effect, effects)),
        after_seq=after_seq,
        open_commands=open_commands,
    )


def _effect(told: dict[str, Any]) -> Effect:
    amount = Money(Decimal(told["amount"]), told["currency"]) if "amount" in told else None
    return Effect(told["key"], told["what"], told["state"], amount)
