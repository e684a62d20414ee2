"""Lists of charges, mandates, refunds and events: filters, and a cursor that never skips or repeats."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from jalon.local.payment_sandbox.book import Refusal

_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters, all of which must match. `since` is an instant of the callers' clocks, in UTC; `after` is an id."""

    since: str | None = None
    status: str | None = None
    after: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    limit: int = 100


def metadata_of(query: Mapping[str, str]) -> dict[str, str]:
    """The `metadata[name]=value` parameters of a URL."""
    return {
        name[9:-1]: value
        for name, value in query.items()
        if name.startswith("metadata[") and name.endswith("]")
    }


def metadata_filter(metadata: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """SQL conditions and their values."""
    for name in metadata:
        if not _NAME.fullmatch(name):
            raise Refusal("invalid_request", f'"{name}" is not a name of metadata')
    return [f"json_extract(metadata, '$.{name}') = ?" for name in metadata], list(metadata.values())


def listed(tx: sqlite3.Connection, kind: str, filters: Filters) -> tuple[list[sqlite3.Row], str | None]:
    """One page in the order of insertion, and the cursor of the next page (None on the last)."""
    where, metadata_values = metadata_filter(filters.metadata)
    values: list[str | int] = [*metadata_values]
    for column, comparison, value in (("at", ">=", filters.since), ("status", "=", filters.status)):
        if value is not None:
            where.append(f"{column} {comparison} ?")
            values.append(value)
    if filters.after is not None:
        where.append("seq > ?")
        values.append(_seq_of(tx, kind, filters.after))
    condition = f"where {' and '.join(where)}" if where else ""
    query = f"select * from {kind} {condition} order by seq limit ?"
    rows = tx.execute(query, (*values, filters.limit + 1)).fetchall()
    page = rows[: filters.limit]
    return page, page[-1]["id"] if len(rows) > len(page) else None


def _seq_of(tx: sqlite3.Connection, kind: str, reference: str) -> int:
    found = tx.execute(f"select seq from {kind} where id = ?", (reference,)).fetchone()
    if found is None:
        raise Refusal("invalid_request", f'no {kind} "{reference}" to go on after')
    return int(found["seq"])
