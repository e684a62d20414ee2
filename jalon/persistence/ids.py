"""Identifiers: a prefix for the kind, then a ULID. They sort by creation time and fit in a URL."""

from __future__ import annotations

from typing import Any, Literal

from ulid import ULID

from jalon.domain.kinds import Kind

Other = Literal["party", "receipt", "record", "document", "key", "sign_in_code", "repair"]
"""The rows other than entities that have an id."""

PREFIXES: dict[Other, str] = {
    "party": "pty",
    "receipt": "req",
    "record": "rec",
    "document": "doc",
    "key": "key",
    "sign_in_code": "sic",
    "repair": "rep",
}


def new_id(of: Kind[Any] | Other) -> str:
    """A new identifier, e.g. `ord_01k…` for an order."""
    prefix = of.prefix if isinstance(of, Kind) else PREFIXES[of]
    return f"{prefix}_{str(ULID()).lower()}"
