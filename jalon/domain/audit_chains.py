"""Chains of audit entries, and the heads that say how far a chain had come."""

from __future__ import annotations

from typing import NamedTuple


class Chain(NamedTuple):
    """The audit entries of one entity, person or store."""

    store: str
    entity: str


class Head(NamedTuple):
    """The last entry of a chain: its number, and its digest in hexadecimal, which covers every entry before it."""

    entry: int
    digest: str
