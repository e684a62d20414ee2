"""Counts of pending work: parked steps, stalled steps, open receipts of workflows, and receipts for the relay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.operations.stalled import STANDS

COUNTED_AT_MOST = 10_000
"""The largest count of each kind. Higher numbers count as this one, so that the query stays short."""


@dataclass(frozen=True, slots=True)
class PendingWork:
    """Counts of steps by store, stores without any left out; counts of receipts, with the age of the oldest in real seconds, or 0.

    `stops` names what an operator stopped, by store.
    """

    parked: Mapping[str, int]
    stalled: Mapping[str, int]
    pending: int
    pending_seconds: float
    undelivered: int
    undelivered_seconds: float
    stops: Mapping[str, Sequence[str]] = field(default_factory=dict)


# Each kind is read through its own partial index with a limit (receipt_sweep, entity_parked). Stalled steps are a handful of rows.
_PENDING_WORK = text(
    f"""with open as materialized (
            select state, accepted_at,
                   (not delivered and role = 'entity')
                   or accepted_at < clock_timestamp() - make_interval(secs => :patience) as relayed
            from receipt where state = 'pending' or not delivered order by seq limit :most
        ),
        receipts as (
            select count(*) filter (where state = 'pending') as pending,
                   min(accepted_at) filter (where state = 'pending') as pending_since,
                   count(*) filter (where relayed) as undelivered,
                   min(accepted_at) filter (where relayed) as undelivered_since
            from open
        ),
        parked as (
            select store_id, sum(parked) as steps
            from (select store_id, parked from entity where parked > 0 limit :most) e group by store_id
        ),
        stalled as (
            select store_id, count(*) as steps
            from (select store_id from stalled s where {STANDS} limit :most) s group by store_id
        )
        select pending, extract(epoch from clock_timestamp() - pending_since)::float8 as pending_seconds,
               undelivered, extract(epoch from clock_timestamp() - undelivered_since)::float8 as undelivered_seconds,
               (select jsonb_object_agg(store_id, steps) from parked) as parked,
               (select jsonb_object_agg(store_id, steps) from stalled) as stalled,
               (select jsonb_object_agg(store_id, whats)
                from (select store_id, jsonb_agg(what) as whats from emergency_stop where stopped group by store_id) h) as stops
        from receipts"""
)


async def read(tx: AsyncConnection, patience: float) -> PendingWork:
    """The pending work in the transaction's stores. A request counts as the relay's once it is `patience` seconds old."""
    row = (await tx.execute(_PENDING_WORK, {"patience": patience, "most": COUNTED_AT_MOST})).one()
    return PendingWork(
        row.parked or {},
        row.stalled or {},
        row.pending,
        row.pending_seconds or 0.0,
        row.undelivered,
        row.undelivered_seconds or 0.0,
        row.stops or {},
    )
