"""What is stuck, by cause: how many, since when, by which release, the money at stake and the nearest deadline.

`stuck` of the schema has a row for each parked step, stalled database step, failing workflow task and undeliverable e-mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.money import Money
from jalon.domain.parking import Cause
from jalon.domain.stuck import StuckKind
from jalon.persistence.operations import cause_notes
from jalon.persistence.operations.cause_notes import CauseNote

SHOWN_AT_MOST = 100


class CauseState(StrEnum):
    """Whether somebody decided to ignore a cause for a while."""

    OPEN = "open"
    IGNORED = "ignored"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class NearestDeadline:
    """The deadline that a stuck entity hits first, in the store's time, `seconds` from the store's present."""

    at: datetime
    what: str
    entity: str
    rule: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class StuckEntity:
    """A step of the cause. `since` is the store's time, `recorded_at` real time; one that was never recorded has no kind yet."""

    id: str
    kind: str | None
    store: str
    number: str | None
    status: str | None
    step: str
    since: datetime
    recorded_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class StuckCause:
    """A cause in the stores in sight. `count` is the number of steps that are stuck now, `times_seen` how often one stopped for it.

    `release` is that of the process that recorded the first one. Instants are real time, that of the deadline aside.
    """

    fingerprint: str
    kind: StuckKind
    step: str
    cause: Cause
    stores: tuple[str, ...]
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    times_seen: int
    release: str | None
    money: tuple[Money, ...]
    nearest_deadline: NearestDeadline | None
    note: CauseNote | None
    ignored: bool
    entities: tuple[StuckEntity, ...]


# Of a cause that concerns several stores, each store has its own note: the cause is left out once every one of them ignores it.
_GROUPS = text(
    f"""with parts as (
            select store_id, fingerprint, count(*) as steps from stuck
            where cast(:only as text) is null or fingerprint = :only group by store_id, fingerprint),
        groups as (
            select p.fingerprint, sum(p.steps) as steps, bool_and({cause_notes.IGNORED}) as ignored
            from parts p left join cause_note n on n.store_id = p.store_id and n.fingerprint = p.fingerprint
            group by p.fingerprint)
        select fingerprint, steps, ignored from groups
        where (:state = 'all' or ignored = (:state = 'ignored'))
          and (cast(:steps as bigint) is null or (-steps, fingerprint) > (-cast(:steps as bigint), :after))
        order by -steps, fingerprint limit :limit"""
)
_CLOCKED = """select s.*, extract(epoch from s.due_at - coalesce(c.now, clock_timestamp()))::float8 as seconds
              from stuck s left join test_clock c on c.store_id = s.store_id where s.fingerprint = any(cast(:prints as text[]))"""
_AT_STAKE = text(
    f"""with s as materialized ({_CLOCKED}),
        owed as (select fingerprint, entity_id, currency, max(amount) as amount from s
                 where amount is not null group by 1, 2, 3),
        sums as (select fingerprint, currency, sum(amount) as amount from owed group by 1, 2)
        select k.fingerprint, k.kind, k.step, k.cause, k.stores, k.since, k.last,
               (select jsonb_agg(jsonb_build_object('amount', m.amount::text, 'currency', m.currency) order by m.currency)
                from sums m where m.fingerprint = k.fingerprint) as money,
               d.due_at, d.due_what, d.due_rule, d.entity_id, d.seconds
        from (select fingerprint, min(kind) as kind, split_part(min(step), '/', 1) as step, min(cause) as cause,
                     array_agg(distinct store_id) as stores, min(recorded_at) as since, max(recorded_at) as last
              from s group by fingerprint) k
        left join (select distinct on (fingerprint) * from s where due_at is not null
                   order by fingerprint, seconds, entity_id) d on d.fingerprint = k.fingerprint"""
)
_SEEN = text(
    """select fingerprint, count(*) as times, min(recorded_at) as first, max(recorded_at) as last,
              (array_agg(release order by id))[1] as release,
              (array_agg(step order by id))[1] as step, (array_agg(cause order by id))[1] as cause,
              (array_agg(kind order by id))[1] as kind, array_agg(distinct store_id) as stores
       from cause_occurrence where fingerprint = any(cast(:prints as text[])) group by fingerprint"""
)
_COLUMNS = """s.fingerprint, s.entity_id, s.store_id, s.step, s.since, s.recorded_at, s.reason, e.kind, e.number, e.status"""
_LONGEST = text(
    f"""select {_COLUMNS} from unnest(cast(:prints as text[])) p(fingerprint) cross join lateral (
            select * from stuck where stuck.fingerprint = p.fingerprint
            order by recorded_at, entity_id, step limit :shown) s
        left join entity e on e.id = s.entity_id order by s.recorded_at, s.entity_id, s.step"""
)
_ENTITIES = text(
    f"""select {_COLUMNS} from stuck s left join entity e on e.id = s.entity_id
        where s.fingerprint = :print
          and (cast(:at as timestamptz) is null or (s.recorded_at, s.entity_id, s.step) > (:at, :entity, :step))
        order by s.recorded_at, s.entity_id, s.step limit :limit"""
)


async def listed(
    tx: AsyncConnection, state: CauseState, limit: int, after: tuple[int, str] | None = None
) -> list[StuckCause]:
    """Causes of what is stuck, the most frequent first, of those after `after`: a count and a fingerprint."""
    steps, last = after or (None, None)
    asked = {"only": None, "state": state.value, "steps": steps, "after": last, "limit": limit}
    return await _whole(tx, list(await tx.execute(_GROUPS, asked)))


async def find(tx: AsyncConnection, fingerprint: str) -> StuckCause | None:
    """The cause with this fingerprint; one of which nothing is stuck any more has its history. None where it was never seen."""
    asked = {"only": fingerprint, "state": CauseState.ALL.value, "steps": None, "after": None, "limit": 1}
    found = await _whole(tx, list(await tx.execute(_GROUPS, asked)))
    return found[0] if found else await _healed(tx, fingerprint)


async def entities_of(
    tx: AsyncConnection, fingerprint: str, limit: int, after: tuple[datetime, str, str] | None = None
) -> list[StuckEntity]:
    """The steps of the cause, the longest stuck first, of those after `after`: a real instant, an entity's id and a step."""
    at, entity, step = after or (None, None, None)
    asked = {"print": fingerprint, "at": at, "entity": entity, "step": step, "limit": limit}
    return [_entity(row) for row in await tx.execute(_ENTITIES, asked)]


async def _whole(tx: AsyncConnection, groups: Sequence[Row[Any]]) -> list[StuckCause]:
    prints = [row.fingerprint for row in groups]
    if not prints:
        return []
    asked = {"prints": prints, "shown": SHOWN_AT_MOST}
    stakes = {row.fingerprint: row for row in await tx.execute(_AT_STAKE, asked)}
    seen = {row.fingerprint: row for row in await tx.execute(_SEEN, asked)}
    notes = await cause_notes.of(tx, prints)
    entities: dict[str, list[StuckEntity]] = {each: [] for each in prints}
    for row in await tx.execute(_LONGEST, asked):
        entities[row.fingerprint].append(_entity(row))
    return [
        _cause(row, stakes[row.fingerprint], seen.get(row.fingerprint), notes, entities[row.fingerprint])
        for row in groups
        if row.fingerprint in stakes
    ]


def _cause(
    group: Row[Any],
    stake: Row[Any],
    seen: Row[Any] | None,
    notes: dict[str, CauseNote],
    entities: list[StuckEntity],
) -> StuckCause:
    return StuckCause(
        fingerprint=group.fingerprint,
        kind=StuckKind(stake.kind),
        step=stake.step,
        cause=Cause.of(stake.cause),
        stores=tuple(stake.stores),
        count=int(group.steps),
        first_seen_at=min(seen.first, stake.since) if seen else stake.since,
        last_seen_at=max(seen.last, stake.last) if seen else stake.last,
        times_seen=max(seen.times if seen else 0, int(group.steps)),
        release=seen.release if seen else None,
        money=tuple(Money.from_dict(each) for each in stake.money or ()),
        nearest_deadline=_deadline(stake),
        note=notes.get(group.fingerprint),
        ignored=group.ignored,
        entities=tuple(entities),
    )


def _deadline(row: Row[Any]) -> NearestDeadline | None:
    if row.due_at is None:
        return None
    return NearestDeadline(row.due_at, row.due_what, row.entity_id, row.due_rule, row.seconds)


async def _healed(tx: AsyncConnection, fingerprint: str) -> StuckCause | None:
    seen = (await tx.execute(_SEEN, {"prints": [fingerprint]})).one_or_none()
    if seen is None:
        return None
    return StuckCause(
        fingerprint=fingerprint,
        kind=StuckKind(seen.kind),
        step=seen.step.partition("/")[0],
        cause=Cause.of(seen.cause),
        stores=tuple(seen.stores),
        count=0,
        first_seen_at=seen.first,
        last_seen_at=seen.last,
        times_seen=seen.times,
        release=seen.release,
        money=(),
        nearest_deadline=None,
        note=(await cause_notes.of(tx, [fingerprint])).get(fingerprint),
        ignored=False,
        entities=(),
    )


def _entity(row: Row[Any]) -> StuckEntity:
    return StuckEntity(
        row.entity_id,
        row.kind,
        row.store_id,
        row.number,
        row.status,
        row.step,
        row.since,
        row.recorded_at,
        row.reason,
    )
