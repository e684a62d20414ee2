"""Test clocks: a sandbox store's frozen instant, moved only by an advance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = "store_id, now, advance_id, advance_to, delivered, unsettled"
_CREATE = text(
    """insert into test_clock (store_id, now) values (:store, coalesce(cast(:at as timestamptz), clock_timestamp()))
       on conflict (store_id) do nothing"""
)
_READ = text(f"select {_COLUMNS} from test_clock where store_id = :store")
_LOCK = text(f"select {_COLUMNS} from test_clock where store_id = :store for update")
_SHARE = text(f"select {_COLUMNS} from test_clock where store_id = :store for share")
_BEGIN = text(
    """update test_clock set advance_id = :id, advance_to = :to, delivered = 0, unsettled = '[]'
       where store_id = :store"""
)
_MOVE = text(
    "update test_clock set now = greatest(now, :at), delivered = delivered + :delivered where store_id = :store"
)
_UNSETTLED = text("update test_clock set unsettled = cast(:unsettled as jsonb) where store_id = :store")
_END = text(
    "update test_clock set now = greatest(now, advance_to), advance_to = null where store_id = :store and advance_id = :id"
)
_END_IF_IDLE = text(
    """with asked as (
           select exists (select 1 from entity where store_id = :store and next_due_at <= advance_to)
               or exists (select 1 from payment where store_id = :store and state = 'action_required') as meets,
               exists (select 1 from entity where store_id = :store and busy)
               or exists (select 1 from receipt where store_id = :store and state = 'pending') as settles
           from test_clock where store_id = :store and advance_id = :id and advance_to is not null
       ), ended as (
           update test_clock set now = greatest(now, advance_to), advance_to = null
           from asked where store_id = :store and advance_id = :id and advance_to is not null and not (meets or settles)
       )
       select case when meets then 'entries' when settles then 'effects' else 'nothing' end from asked"""
)
_ADVANCING = text("select store_id from test_clock where advance_to is not null")
_NEXT = text(
    """select id, kind, next_due_at from entity where store_id = :store and next_due_at <= :to and id <> all (:stuck)
       order by next_due_at, id limit 1"""
)
_OUTSTANDING = text(
    """select id from entity where store_id = :store and busy
       union select entity_id from receipt where store_id = :store and state = 'pending' limit 20"""
)

_WAITS_FOR_A_BUYER = text(
    "select exists (select 1 from payment where store_id = :store and state = 'action_required')"
)
_EACH_NOW = text(
    """select asked.store, coalesce(c.now, clock_timestamp()) as now
       from unnest(cast(:stores as text[])) asked(store) left join test_clock c on c.store_id = asked.store"""
)
_STORE_NOW = text(
    """select coalesce((select now from test_clock where store_id = :store),
                       clock_timestamp() - make_interval(secs => :spent))"""
)


@dataclass(frozen=True, slots=True)
class TestClock:
    """A store's test clock. `advance_to` is set while it advances; `unsettled` lists entities with effects or receipts under way."""

    store: str
    now: datetime
    advance_id: str | None
    advance_to: datetime | None
    delivered: int
    unsettled: tuple[str, ...]


class Ahead(StrEnum):
    """What an advance has before it: entries or a buyer's confirmation, only what is under way, or nothing, so that it has ended."""

    ENTRIES = "entries"
    EFFECTS = "effects"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class DueEntity:
    """The entity with the earliest entry on its agenda."""

    id: str
    kind: str
    due_at: datetime


def _clock(row: Row[Any]) -> TestClock:
    return TestClock(
        row.store_id, row.now, row.advance_id, row.advance_to, row.delivered, tuple(row.unsettled)
    )


async def create(tx: AsyncConnection, store: str, at: datetime | None) -> None:
    """Gives a sandbox store its clock once, at `at` or at the present instant."""
    await tx.execute(_CREATE, {"store": store, "at": at})


async def read(tx: AsyncConnection, store: str, *, lock: str | None = None) -> TestClock | None:
    """The store's clock, or None. `lock` is "share" to prevent an advance until the transaction ends, "update" to advance it."""
    statement = {"share": _SHARE, "update": _LOCK}.get(lock or "", _READ)
    row = (await tx.execute(statement, {"store": store})).one_or_none()
    return None if row is None else _clock(row)


async def advancing(tx: AsyncConnection) -> list[str]:
    """The stores, of those that the transaction sees, whose clocks are advancing. One unreadable clock hides no other."""
    return list(await tx.scalars(_ADVANCING))


async def begin_advance(tx: AsyncConnection, store: str, advance: str, to: datetime) -> None:
    """Begins an advance. Writes are refused until the clock has arrived."""
    await tx.execute(_BEGIN, {"store": store, "id": advance, "to": to})


async def move(tx: AsyncConnection, store: str, at: datetime, *, delivered: int = 0) -> None:
    """Sets the clock to `at`, never back, and adds to the count of delivered entries."""
    await tx.execute(_MOVE, {"store": store, "at": at, "delivered": delivered})


async def note_unsettled(tx: AsyncConnection, store: str, entities: list[str]) -> None:
    """Records the ids of the entities that the advance waits for."""
    await tx.execute(_UNSETTLED, {"store": store, "unsettled": json.dumps(entities)})


async def end_advance(tx: AsyncConnection, store: str, advance: str) -> None:
    """Ends an advance: the clock shows its target."""
    await tx.execute(_END, {"store": store, "id": advance})


async def end_if_idle(tx: AsyncConnection, store: str, advance: str) -> Ahead:
    """Ends an advance that nothing is due in and nothing is under way for. Returns what the advance has before it."""
    ahead = (await tx.execute(_END_IF_IDLE, {"store": store, "id": advance})).scalar_one_or_none()
    return Ahead.NOTHING if ahead is None else Ahead(ahead)


async def next_due(tx: AsyncConnection, store: str, to: datetime, stuck: list[str]) -> DueEntity | None:
    """The entity whose agenda is due first, up to `to`; entities in `stuck` are passed over."""
    row = (await tx.execute(_NEXT, {"store": store, "to": to, "stuck": stuck})).one_or_none()
    return None if row is None else DueEntity(row.id, row.kind, row.next_due_at)


async def outstanding(tx: AsyncConnection, store: str) -> list[str]:
    """Entities with effects under way or pending receipts; none when the store is settled."""
    return [row.id for row in await tx.execute(_OUTSTANDING, {"store": store})]


async def waits_for_a_buyer(tx: AsyncConnection, store: str) -> bool:
    """Whether a payment waits for its buyer, so that the provider may have an event under way to the API."""
    return bool((await tx.execute(_WAITS_FOR_A_BUYER, {"store": store})).scalar_one())


async def each_now(tx: AsyncConnection, stores: Iterable[str]) -> dict[str, datetime]:
    """The current instant of each of these stores."""
    rows = await tx.execute(_EACH_NOW, {"stores": sorted(set(stores))})
    return {row.store: row.now for row in rows}


async def clock_now(tx: AsyncConnection, store: str, spent: float = 0.0) -> datetime:
    """The store's current instant: the test clock's in a sandbox store, the database's in a live store.

    With the `spent` seconds since a request arrived it is the instant by which the request is judged, as its receipt is (G3).
    """
    now: datetime = (await tx.execute(_STORE_NOW, {"store": store, "spent": spent})).scalar_one()
    return now
