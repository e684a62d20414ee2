"""Suggests the known words nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

_ALIKE = 60.0


def suggestions(word: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The known words most similar to `word`, best first; none when no word is near."""
    found = process.extract(
        word,
        list(known),
        scorer=fuzz.ratio,
        processor=utils.default_process,
        limit=limit,
        score_cutoff=_ALIKE,
    )
    return tuple(name for name, _, _ in found)


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` with the nearest known word, or ""."""
    found = suggestions(word, known, limit=1)
    return f'; did you mean "{found[0]}"?' if found else ""
