"""Checks the invariants: of what changed lately and of a slice of the book each time, so that a pass over the book takes an hour.

What was found stands in a table until a later check no longer finds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.operations.invariants import INVARIANTS, Invariant

FOUND_AT_MOST = 1000
"""The largest number of violations of an invariant that one query names."""
EXAMPLES = 20
"""How many violations of an invariant are shown."""
SLICES_OF_A_PASS = 55
"""A pass over the book is so many checks, one a minute."""
SMALLEST_SLICE = 2000
LARGEST_SLICE = 20_000
"""A check of a large book stays as short as this, and a pass takes longer than an hour: each million entities fifty minutes."""
CHANGED_AT_MOST = 20_000
PART = 2000
"""The entities of one statement."""

_LOCK = text("select pg_try_advisory_xact_lock(hashtextextended('jalon_invariants', 0))")
# A part of the book is found by indexes, of which each table has one. In a small book the planner would rather read whole tables.
_BY_INDEX = text("select set_config('enable_seqscan', 'off', true)")
_STATE = text("select after, checked_at, whole_since from invariant_check")
_SLICE = text(
    """select least(:largest, greatest(:smallest, reltuples / :slices))::int as size from pg_class where oid = 'entity'::regclass"""
)
# A payment may have no entity: that is one of the invariants. The bound is one value, at the end the last of all characters, so that
# an index takes it.
_NEXT = text(
    """with slice as materialized (select id from entity where id > :after order by id limit :size),
            upto as (select case when count(*) = :size then max(id) end as id from slice)
       select id, (select id from upto) as upto from slice
       union
       select entity_id, (select id from upto) from payment
       where entity_id > :after and entity_id <= (select coalesce(id, chr(1114111)) from upto)"""
)
# The time that a payment has to become known lies behind what changed within it. The start of the transaction is a bound for the index;
# clock_timestamp() would be compared with every row.
_CHANGED = text(
    """(select distinct entity_id from transition where recorded_at > now() - interval '20 minutes' limit :most)
       union
       (select distinct entity_id from audit where recorded_at > now() - interval '20 minutes' limit :most)
       union
       (select distinct entity_id from invariant_violation limit :most)"""
)
_CHECKED = text(
    """insert into invariant_check (after, checked_at, pass_began_at) values (:after, clock_timestamp(), clock_timestamp())
       on conflict (only_one) do update
           set after = excluded.after, checked_at = excluded.checked_at,
               whole_since = case when :after = '' then invariant_check.pass_began_at else invariant_check.whole_since end,
               pass_began_at = case when :after = '' then clock_timestamp() else invariant_check.pass_began_at end"""
)
_MENDED = text(
    """delete from invariant_violation
       where invariant = :name and (cast(:whole as boolean) or entity_id = any(cast(:ids as text[])))
         and subject <> all(cast(:subjects as text[]))"""
)
_NOTE = text(
    """insert into invariant_violation (store_id, invariant, subject, entity_id)
       select v.store, :name, v.subject, v.entity
       from unnest(cast(:stores as text[]), cast(:subjects as text[]), cast(:entities as text[])) v(store, subject, entity)
       on conflict (store_id, invariant, subject) do update set seen_at = clock_timestamp()
       returning store_id as store, invariant, entity_id as entity, subject, found_at, xmax = 0 as fresh"""
)
_COUNTS = text("""select invariant, count(*) as violations from invariant_violation group by invariant""")
_EXAMPLES = text(
    """select store_id as store, invariant, entity_id as entity, subject, found_at
       from (select *, row_number() over (partition by invariant order by found_at, subject) as nth from invariant_violation) numbered
       where nth <= :most order by invariant, nth"""
)


@dataclass(frozen=True, slots=True)
class Violation:
    """What violates an invariant: a subject, such as a payment's key, of an entity. It was found at `found_at`, in real time."""

    store: str
    invariant: str
    entity: str
    subject: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """When the last check was, and since when every entity has been checked once; None before the first, and before the first pass."""

    checked_at: datetime | None
    whole_since: datetime | None


@dataclass(frozen=True, slots=True)
class Slice:
    """The entities of one check's part of the book. `upto` is where the next one begins, empty after the last of a pass."""

    ids: Sequence[str]
    upto: str


def statement_of(invariant: Invariant) -> str:
    """The query of an invariant. All but those of the whole book take `ids`."""
    if invariant.whole:
        return invariant.sql
    scope = "with scope as materialized (select distinct unnest(cast(:ids as text[])) as id)"
    return f"{scope} {invariant.sql} limit :most"


_STATEMENTS = {each.name: text(statement_of(each)) for each in INVARIANTS}


async def take_turn(tx: AsyncConnection) -> bool:
    """Whether this process checks now. It holds the turn until the transaction, of no store, ends."""
    return bool((await tx.execute(_LOCK)).scalar_one())


async def place(tx: AsyncConnection) -> str:
    """Where the next slice begins; in a transaction of no store."""
    row = (await tx.execute(_STATE)).one_or_none()
    return "" if row is None else str(row.after)


async def progress(tx: AsyncConnection) -> Progress:
    """How far the check has come; in a transaction of no store."""
    row = (await tx.execute(_STATE)).one_or_none()
    return Progress(None, None) if row is None else Progress(row.checked_at, row.whole_since)


async def note_progress(tx: AsyncConnection, after: str) -> None:
    """Records a check, and where the next slice begins; in a transaction of no store."""
    await tx.execute(_CHECKED, {"after": after})


async def next_slice(tx: AsyncConnection, after: str) -> Slice:
    """The next entities after `after`, in the order of their ids, with those that only payments name."""
    limits = {"smallest": SMALLEST_SLICE, "largest": LARGEST_SLICE, "slices": SLICES_OF_A_PASS}
    size = (await tx.execute(_SLICE, limits)).scalar_one()
    rows = (await tx.execute(_NEXT, {"after": after, "size": size})).all()
    return Slice([row.id for row in rows], next((row.upto for row in rows if row.upto), ""))


async def changed(tx: AsyncConnection) -> list[str]:
    """The entities that changed lately, and those of which a violation stands."""
    return list(await tx.scalars(_CHANGED, {"most": CHANGED_AT_MOST}))


async def check(tx: AsyncConnection, invariant: Invariant, ids: Sequence[str]) -> list[Violation]:
    """Checks one invariant of these entities, or of the whole book. Returns the violations that no check had found before."""
    asked: dict[str, object] = {"most": FOUND_AT_MOST}
    if not invariant.whole:
        asked["ids"] = list(ids)
    await tx.execute(_BY_INDEX)
    rows = (await tx.execute(_STATEMENTS[invariant.name], asked)).all()
    subjects = [row.subject for row in rows]
    known = {"name": invariant.name, "subjects": subjects}
    await tx.execute(_MENDED, known | {"whole": invariant.whole, "ids": list(ids)})
    if not rows:
        return []
    stores, entities = [row.store_id for row in rows], [row.entity_id for row in rows]
    noted = await tx.execute(_NOTE, known | {"stores": stores, "entities": entities})
    return [
        Violation(row.store, row.invariant, row.entity, row.subject, row.found_at)
        for row in noted
        if row.fresh
    ]


async def counts(tx: AsyncConnection) -> dict[str, int]:
    """How many violations of each invariant stand in the transaction's stores; an invariant without any is left out."""
    return {row.invariant: row.violations for row in await tx.execute(_COUNTS)}


async def examples(tx: AsyncConnection) -> list[Violation]:
    """The violations of each invariant that stand longest, at most EXAMPLES of each."""
    return [Violation(*row) for row in await tx.execute(_EXAMPLES, {"most": EXAMPLES})]


def parts(ids: Sequence[str]) -> list[Sequence[str]]:
    """The ids in parts, so that no statement runs long."""
    return [ids[first : first + PART] for first in range(0, len(ids), PART)]
