"""Merges tables: nested tables merge key by key, every other value replaces the one below, lists included."""

from __future__ import annotations

from collections.abc import Mapping

Table = Mapping[str, object]


def laid_over(base: Table, over: Table) -> dict[str, object]:
    """A new table with `over` merged onto `base`; both stay unchanged."""
    merged = dict(base)
    for key, value in over.items():
        merged[key] = layered(merged[key], value) if key in merged else value
    return merged


def layered(base: object, over: object) -> object:
    """`over`, or the merged table where both are tables."""
    return laid_over(base, over) if isinstance(base, Mapping) and isinstance(over, Mapping) else over


def table_in(table: object, *keys: str) -> Table:
    """The table at a path, or an empty one where there is none."""
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}
