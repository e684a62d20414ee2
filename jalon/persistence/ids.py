"""Identifiers: a prefix that says the kind, then a ULID, so that they sort by birth and fit in a URL."""

from __future__ import annotations

from ulid import ULID

PREFIXES = {
    "order": "ord",
    "subscription": "sub",
    "party": "pty",
    "receipt": "req",
    "record": "rec",
    "document": "doc",
    "key": "key",
}


def new_id(kind: str) -> str:
    """A new identifier, e.g. `ord_01k…` for an order."""
    return f"{PREFIXES[kind]}_{str(ULID()).lower()}"
