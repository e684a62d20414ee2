"""The dates and amounts that a text states, and those that facts allow it to state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from html import unescape
from typing import Any

from jalon.domain.money import Money
from jalon.integrations.mail.formats import Formats, Language

_MONTHS = {
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
}
_DAYS = {
    "en": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "fr": "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
}
_AMOUNTS = {
    "en": r"(?:[A-Z]{0,3}[€$£¥]|\b[A-Z]{3} )(?!0\d)\d[\d,]*(?:\.\d+)?",
    "fr": r"\b\d{1,3}(?: \d{3})*(?:,\d+)? (?:[€£¥]|\$[A-Z]{0,2}|[A-Z]{3}\b)",
}
WHEN: dict[Language, str] = {
    "en": rf"(?:(?:{_DAYS['en']}) )?\d{{1,2}} (?:{_MONTHS['en']}) \d{{4}}(?:, \d\d:\d\d)?",
    "fr": rf"(?:(?:{_DAYS['fr']}) )?\d{{1,2}}(?:er)? (?:{_MONTHS['fr']}) \d{{4}}(?: à \d\d:\d\d)?",
}
"""A date as `Formats` writes it, with or without its weekday and time."""
AMOUNT: dict[Language, str] = {"en": _AMOUNTS["en"], "fr": _AMOUNTS["fr"]}
"""An amount as `Formats` writes it."""


def plain(text: str) -> str:
    """The text on one line, its special spaces and apostrophes made plain."""
    return " ".join(text.replace("’", "'").split())


def seen(html: str) -> str:
    """The text of an HTML page or e-mail, hidden preview line included."""
    body = re.sub(r"<(style|title)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return plain(unescape(re.sub(r"<[^>]+>", " ", body)))


def stated(text: str, language: Language) -> set[str]:
    """Every date and amount of a plain text."""
    return set(re.findall(WHEN[language], text)) | set(re.findall(AMOUNT[language], text))


def allowed(facts: Iterable[object], fmt: Formats) -> set[str]:
    """Every way in which these instants and amounts may be written."""
    return set().union(*(_ways(fact, fmt) for fact in facts))


@lru_cache(maxsize=10_000)
def _ways(fact: object, fmt: Formats) -> frozenset[str]:
    # A life states the same instants on hundreds of pages.
    words: set[str] = set()
    if isinstance(fact, datetime):
        words = {fmt.until(fact), fmt.moment(fact), fmt.through(fact), fmt.day(fact)}
    elif isinstance(fact, Money):
        words = {fmt.money(fact)}
    return frozenset(plain(word) for word in words)


def facts_in(value: Any) -> Iterator[object]:
    """Every instant and amount in a projection or in an event's data."""
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            yield Money.from_dict(value)
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from facts_in(each)
    elif isinstance(value, str) and "T" in value:
        try:
            yield datetime.fromisoformat(value)
        except ValueError:
            return
