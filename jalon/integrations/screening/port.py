"""The port of a screening provider (T6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jalon.domain.compliance.export import Match


@dataclass(frozen=True, slots=True)
class ScreeningAnswer:
    """The entries that resemble a party, best first, and the edition of the lists that was searched.

    `list_version` changes whenever the lists do; `entries` is the number of entries in the lists.
    """

    matches: tuple[Match, ...]
    list_version: str
    entries: int


class ScreeningListUnusable(Exception):
    """The lists are missing, empty or unreadable, so nobody can be cleared (fail closed)."""


class PartyScreener(Protocol):
    """Compares names with lists of denied parties. It never decides: `jalon.domain.compliance.export.decide` does."""

    async def screen(self, names: Sequence[str], countries: Sequence[str]) -> ScreeningAnswer:
        """Every entry that resembles one of `names`, with its best score, and UNREAD first where one cannot be compared with the lists.

        `countries` are the party's, ISO 3166-1 alpha-2; they corroborate a match and never exclude one. Raises ScreeningListUnusable.
        """
        ...
