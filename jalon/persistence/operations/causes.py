"""What is stuck, by cause: how many, since when, by which release, the money at stake and the nearest deadline.

`stuck` of the schema has a row for each parked step, stalled database step, failing workflow task and undeliverable e-mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, TextClause, text
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

    `release` is that of the process that recorded the first one. Instants are real time, `since` and that of the deadline aside.
    """

    fingerprint: str
    kind: StuckKind
    step: str
    cause: Cause
    stores: tuple[str, ...]
    count: int
    since: datetime
    first_seen_at: datetime
    last_seen_at: datetime
    times_seen: int
    release: str | None
    money: tuple[Money, ...]
    nearest_deadline: NearestDeadline | None
    note: CauseNote | None
    ignored: bool
    entities: tuple[StuckEntity, ...]


# Each stuck step is read once: the causes, their order, what is at stake and the longest stuck all come from it.
# Of a cause that concerns several stores, each store has its own note: the cause is left out once every one of them ignores it.
_CAUSES = """with s as materialized (
            select s.*, extract(epoch from s.due_at - coalesce(c.now, clock_timestamp()))::float8 as seconds
            from stuck s left join test_clock c on c.store_id = s.store_id where {of}),
        groups as (
            select p.fingerprint, sum(p.steps)::bigint as steps, bool_and({ignored}) as ignored
            from (select store_id, fingerprint, count(*) as steps from s group by store_id, fingerprint) p
            left join cause_note n on n.store_id = p.store_id and n.fingerprint = p.fingerprint group by p.fingerprint),
        page as materialized (
            select fingerprint, steps, ignored from groups
            where (:state = 'all' or ignored = (:state = 'ignored'))
              and (cast(:steps as bigint) is null or (-steps, fingerprint) > (-cast(:steps as bigint), :after))
            order by -steps, fingerprint limit :limit),
        shown as materialized (
            select s.*, row_number() over (partition by fingerprint order by recorded_at, entity_id, step) as nth
            from s join page using (fingerprint)),
        facts as (
            select fingerprint, min(kind) as kind, split_part(min(step), '/', 1) as step, min(cause) as cause,
                   array_agg(distinct store_id) as stores, min(since) as since, min(recorded_at) as first, max(recorded_at) as last
            from shown group by fingerprint),
        sums as (
            select fingerprint, jsonb_agg(jsonb_build_object('amount', amount::text, 'currency', currency) order by currency) as money
            from (select fingerprint, currency, sum(amount) as amount
                  from (select fingerprint, entity_id, currency, max(amount) as amount
                        from shown where amount is not null group by 1, 2, 3) owed group by 1, 2) summed group by fingerprint),
        due as (select distinct on (fingerprint) fingerprint, due_at, due_what, due_rule, entity_id, seconds
                from shown where due_at is not null order by fingerprint, seconds, entity_id),
        longest as (
            select l.fingerprint, jsonb_agg(
                       jsonb_build_array(l.entity_id, e.kind, l.store_id, e.number, e.status, l.step, l.since, l.recorded_at, l.reason)
                       order by l.nth) as entities
            from shown l left join entity e on e.id = l.entity_id where l.nth <= :shown group by l.fingerprint)
        select page.steps, page.ignored, facts.*, sums.money, due.due_at, due.due_what, due.due_rule, due.entity_id, due.seconds,
               longest.entities
        from page join facts using (fingerprint) join longest using (fingerprint)
        left join sums using (fingerprint) left join due using (fingerprint) order by -steps, fingerprint"""
_LISTED = text(_CAUSES.format(of="s.kind = any(cast(:kinds as text[]))", ignored=cause_notes.IGNORED))
_FOUND = text(_CAUSES.format(of="s.fingerprint = :print", ignored=cause_notes.IGNORED))
_SEEN = text(
    """select t.*, f.release, f.step, f.cause, f.kind
       from (select fingerprint, sum(times)::bigint as times, min(first) as first, max(last) as last, array_agg(store_id) as stores
             from (select store_id, fingerprint, count(*) as times, min(recorded_at) as first, max(recorded_at) as last
                   from cause_occurrence where fingerprint = any(cast(:prints as text[])) group by store_id, fingerprint) o
             group by fingerprint) t
       cross join lateral (select release, step, cause, kind from cause_occurrence o
                           where o.fingerprint = t.fingerprint and o.store_id = any(t.stores) and o.recorded_at = t.first
                           order by o.id limit 1) f"""
)
_ENTITIES = text(
    """select s.entity_id, e.kind, s.store_id, e.number, e.status, s.step, s.since, s.recorded_at, s.reason
       from stuck s left join entity e on e.id = s.entity_id
        where s.fingerprint = :print
          and (cast(:at as timestamptz) is null or (s.recorded_at, s.entity_id, s.step) > (:at, :entity, :step))
        order by s.recorded_at, s.entity_id, s.step limit :limit"""
)


async def listed(
    tx: AsyncConnection,
    state: CauseState,
    limit: int | None,
    after: tuple[int, str] | None = None,
    kinds: Collection[StuckKind] = tuple(StuckKind),
) -> list[StuckCause]:
    """Causes of what is stuck, the most frequent first, of those after `after`: a count and a fingerprint."""
    steps, last = after or (None, None)
    asked = {"kinds": [each.value for each in kinds], "steps": steps, "after": last}
    return await _whole(tx, _LISTED, asked | {"state": state.value, "limit": limit})


async def stopped(tx: AsyncConnection) -> list[StuckCause]:
    """Causes of the parked and stalled steps and of the failing workflow tasks, ignored ones too."""
    return await listed(tx, CauseState.ALL, None, kinds=set(StuckKind) - {StuckKind.UNDELIVERABLE})


async def find(tx: AsyncConnection, fingerprint: str) -> StuckCause | None:
    """The cause with this fingerprint; one of which nothing is stuck any more has its history. None where it was never seen."""
    asked = {"print": fingerprint, "state": CauseState.ALL.value, "steps": None, "after": None, "limit": 1}
    found = await _whole(tx, _FOUND, asked)
    return found[0] if found else await _healed(tx, fingerprint)


async def entities_of(
    tx: AsyncConnection, fingerprint: str, limit: int, after: tuple[datetime, str, str] | None = None
) -> list[StuckEntity]:
    """The steps of the cause, the longest stuck first, of those after `after`: a real instant, an entity's id and a step."""
    at, entity, step = after or (None, None, None)
    asked = {"print": fingerprint, "at": at, "entity": entity, "step": step, "limit": limit}
    return [StuckEntity(*row) for row in await tx.execute(_ENTITIES, asked)]


async def _whole(tx: AsyncConnection, query: TextClause, asked: Mapping[str, Any]) -> list[StuckCause]:
    rows = (await tx.execute(query, {**asked, "shown": SHOWN_AT_MOST})).all()
    if not rows:
        return []
    prints = [row.fingerprint for row in rows]
    seen = {row.fingerprint: row for row in await tx.execute(_SEEN, {"prints": prints})}
    notes = await cause_notes.of(tx, prints)
    return [_cause(row, seen.get(row.fingerprint), notes.get(row.fingerprint)) for row in rows]


def _cause(row: Row[Any], seen: Row[Any] | None, note: CauseNote | None) -> StuckCause:
    return StuckCause(
        fingerprint=row.fingerprint,
        kind=StuckKind(row.kind),
        step=row.step,
        cause=Cause.of(row.cause),
        stores=tuple(row.stores),
        count=row.steps,
        since=row.since,
        first_seen_at=min(seen.first, row.first) if seen else row.first,
        last_seen_at=max(seen.last, row.last) if seen else row.last,
        times_seen=max(seen.times if seen else 0, row.steps),
        release=seen.release if seen else None,
        money=tuple(Money.from_dict(each) for each in row.money or ()),
        nearest_deadline=_deadline(row),
        note=note,
        ignored=row.ignored,
        entities=tuple(map(_entity, row.entities)),
    )


def _deadline(row: Row[Any]) -> NearestDeadline | None:
    if row.due_at is None:
        return None
    return NearestDeadline(row.due_at, row.due_what, row.entity_id, row.due_rule, row.seconds)


def _entity(made: Sequence[Any]) -> StuckEntity:
    entity, kind, store, number, status, step, since, recorded_at, reason = made
    since, recorded_at = datetime.fromisoformat(since), datetime.fromisoformat(recorded_at)
    return StuckEntity(entity, kind, store, number, status, step, since, recorded_at, reason)


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
        since=seen.first,
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
