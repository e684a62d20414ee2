"""What the product asks of a screening provider (T6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jalon.domain.compliance.export import Match


@dataclass(frozen=True, slots=True)
class ScreeningAnswer:
    """The entries that resemble a party, best first, and which edition of the lists was asked.

    `list_version` changes whenever the lists do; `entries` is how many they hold.
    """

    matches: tuple[Match, ...]
    list_version: str
    entries: int


class ScreeningListUnusable(Exception):
    """The lists are missing, empty or unreadable: nobody can be cleared by them (fail closed)."""


class PartyScreener(Protocol):
    """Compares names with lists of denied parties. It never decides: `jalon.domain.compliance.export.decide` does."""

    async def screen(self, names: Sequence[str], countries: Sequence[str]) -> ScreeningAnswer:
        """Every entry that resembles one of `names`, by its best score.

        `countries` are the party's, ISO 3166-1 alpha-2; they corroborate and never exclude.
        Raises ScreeningListUnusable.
        """
        ...
