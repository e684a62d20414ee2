"""Verifies the audit: each entity and person has a chain of entries, which the database continues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

SHOWN_AT_MOST = 100
_COUNT = text("select count(*) as entries, count(distinct entity_id) as chains from audit")
_BROKEN = text(
    """select (entry).store_id, (entry).entity_id, (entry).id, (entry).at, (entry).action,
              (entry).previous <> former as misplaced
       from (select a as entry, lag(a.digest, 1, ''::bytea) over (partition by a.entity_id order by a.id) as former
             from audit a) chained
       where (entry).previous <> former or (entry).digest <> audit_digest(entry)
       order by (entry).id limit :limit"""
)


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that does not fit: `misplaced` where the entry before it is another than it was written after, else it was changed."""

    store: str
    entity: str
    id: int
    at: datetime
    action: str
    misplaced: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, and at most SHOWN_AT_MOST entries that do not fit, the oldest first."""

    entries: int
    chains: int
    broken: tuple[BrokenEntry, ...]


async def verify(tx: AsyncConnection) -> Verified:
    """Recomputes every digest of the transaction's stores. The last entries of a chain can be missing without a sign."""
    counted = (await tx.execute(_COUNT)).one()
    rows = await tx.execute(_BROKEN, {"limit": SHOWN_AT_MOST})
    broken = tuple(
        BrokenEntry(row.store_id, row.entity_id, row.id, row.at, row.action, row.misplaced) for row in rows
    )
    return Verified(counted.entries, counted.chains, broken)
