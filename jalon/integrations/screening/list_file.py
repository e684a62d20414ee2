"""Screening against a list kept in a CSV file, with the columns of the US Consolidated Screening List.

Columns are found by header: `name` is required; `alt_names`, `addresses`, `citizenships` and `nationalities`
(several values separated by ";"), `source` and `entity_number` are used where present.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from jalon.domain.compliance.export import UNREAD, Match
from jalon.integrations.screening.names import (
    JOINED_ALIKE,
    WORD_ALIKE,
    is_legible,
    likeness,
    spellings_in_one,
    weight,
    word_likeness,
    words,
)
from jalon.integrations.screening.port import ScreeningAnswer, ScreeningListUnusable

REPORTED_FROM = 0.5
"""The lowest score that is reported, 0 to 1. Above it the policy's own thresholds decide."""

REPORTED_AT_MOST = 25

# Below this share of words answered in the shorter name, no score reaches REPORTED_FROM.
_ANSWERED_AT_LEAST = 0.6

_SHORT_SOURCE = re.compile(r"\(([A-Z]{2,8})\)")
_COUNTRY_AT_END = re.compile(r"(?:^|,)\s*([A-Z]{2})$")
_COUNTRY = re.compile(r"[A-Z]{2}")


class ListFileScreener:
    """A PartyScreener over one CSV file, read again whenever it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._edition: _Edition | None = None
        self._stamp: tuple[int, int] | None = None

    async def screen(self, names: Sequence[str], countries: Sequence[str]) -> ScreeningAnswer:
        """Screens as PartyScreener describes, in a thread: a long list takes tens of milliseconds."""
        return await asyncio.to_thread(self._screen, names, countries)

    def _screen(self, names: Sequence[str], countries: Sequence[str]) -> ScreeningAnswer:
        edition = self._current()
        asked = {country.upper() for country in countries}
        best: dict[int, float] = {}
        for name in names:
            for position, score in edition.resembling(words(name)):
                best[position] = max(score, best.get(position, 0.0))
        ranked = sorted(best.items(), key=lambda found: (-found[1], found[0]))[:REPORTED_AT_MOST]
        matches = tuple(edition.entries[position].match(score, asked) for position, score in ranked)
        if not all(map(is_legible, names)):
            matches = (UNREAD, *matches)
        return ScreeningAnswer(matches, edition.version, len(edition.entries))

    def _current(self) -> _Edition:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if self._edition is None or stamp != self._stamp:
                self._edition, self._stamp = _Edition(self._path.read_bytes()), stamp
        except (OSError, UnicodeDecodeError, csv.Error) as fault:
            raise ScreeningListUnusable(f"the list {self._path.name} cannot be read: {fault}") from fault
        return self._edition


@dataclass(frozen=True, slots=True)
class _Entry:
    list_name: str
    entry_id: str
    countries: frozenset[str]

    def match(self, score: float, countries: set[str]) -> Match:
        return Match(self.list_name, self.entry_id, round(score, 4), not countries.isdisjoint(self.countries))


class _Edition:
    """One edition of a list, indexed by the words of its names."""

    def __init__(self, content: bytes) -> None:
        self.version = hashlib.sha256(content).hexdigest()[:16]
        self.entries: list[_Entry] = []
        self._names: list[tuple[int, tuple[str, ...]]] = []
        self._holding: dict[str, set[int]] = defaultdict(set)
        for row in _rows(content):
            self._add(row)
        if not self.entries:
            raise ScreeningListUnusable("the list holds no entry")
        self._vocabulary = list(self._holding)
        self._spelled = [spelling for _, name in self._names for spelling in spellings_in_one(name)]

    def resembling(self, name: tuple[str, ...]) -> Iterable[tuple[int, float]]:
        """Positions of entries with the score of each of their names that resembles this one."""
        for number in self._sharing_words(name) | self._spelled_alike(name):
            position, listed = self._names[number]
            score = likeness(name, listed)
            if score >= REPORTED_FROM:
                yield position, score

    def _add(self, row: Mapping[str, str | None]) -> None:
        written = [row.get("name"), *_several(row.get("alt_names"))]
        names = dict.fromkeys(words(name) for name in written if name)
        names.pop((), None)
        if not names:
            return
        self.entries.append(_entry(row))
        for name in names:
            for word in name:
                self._holding[word].add(len(self._names))
            self._names.append((len(self.entries) - 1, name))

    def _sharing_words(self, name: tuple[str, ...]) -> set[int]:
        answered: dict[int, float] = defaultdict(float)
        for word in name:
            for listed in self._alike(word):
                for number in self._holding[listed]:
                    answered[number] += weight(word)
        asked = sum(map(weight, name))
        return {
            number
            for number, total in answered.items()
            if total >= _ANSWERED_AT_LEAST * min(asked, sum(map(weight, self._names[number][1])))
        }

    def _alike(self, word: str) -> Iterable[str]:
        if len(word) == 1:
            return [listed for listed in self._vocabulary if listed[0] == word]
        near = process.extract(
            word,
            self._vocabulary,
            scorer=JaroWinkler.normalized_similarity,
            score_cutoff=WORD_ALIKE,
            limit=None,
        )
        initial = [word[0]] if word[0] in self._holding else []
        return initial + [listed for listed, _, _ in near if word_likeness(word, listed) >= WORD_ALIKE]

    def _spelled_alike(self, name: tuple[str, ...]) -> set[int]:
        found: set[int] = set()
        for spelling in spellings_in_one(name):
            near = process.extract(
                spelling,
                self._spelled,
                scorer=OSA.normalized_similarity,
                score_cutoff=JOINED_ALIKE,
                limit=None,
            )
            found.update(position // 2 for _, _, position in near)
        return found


def _rows(content: bytes) -> Iterable[Mapping[str, str | None]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    if "name" not in (reader.fieldnames or ()):
        raise ScreeningListUnusable('the list has no column "name"')
    return reader


def _entry(row: Mapping[str, str | None]) -> _Entry:
    source = (row.get("source") or "list").strip()
    short = _SHORT_SOURCE.search(source)
    identity = f"{row.get('name')}|{row.get('addresses')}"
    own_id = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return _Entry(short[1] if short else source, row.get("entity_number") or own_id, _countries(row))


def _countries(row: Mapping[str, str | None]) -> frozenset[str]:
    ends = (_COUNTRY_AT_END.search(address) for address in _several(row.get("addresses")))
    stated = (*_several(row.get("citizenships")), *_several(row.get("nationalities")))
    return frozenset([end[1] for end in ends if end] + [code for code in stated if _COUNTRY.fullmatch(code)])


def _several(cell: str | None) -> list[str]:
    return [value.strip() for value in (cell or "").split(";") if value.strip()]
