"""The texts by which support finds people and orders, as they are stored and as they are asked for.

A folded text has neither case nor accents, and of its marks only an inner @: what people add or leave out when they type does not count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

TYPO_FROM = 4
"""A shorter text has so many neighbours that they tell nothing."""
TYPO_UP_TO = 64
STARTS_AT_MOST = 8
"""Of a longer name, the words from here on are found as parts only."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789@"
# Letters that Unicode takes for letters of their own, and people for one with an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t"}
)
# Accents, vowel signs, and marks that nobody sees.
_UNHEARD = frozenset(("Mn", "Mc", "Me", "Cf"))


class SearchField(StrEnum):
    """What a text is of a person or an entity. Of two that were found in the same way, the upper one is told.

    Numbers of invoices and quotes get a member of their own, and a trigger beside `follow_searched_payment`.
    """

    NAME = "name"
    EMAIL = "email"
    COMPANY = "company"
    NUMBER = "number"
    PURCHASE_ORDER_NUMBER = "purchase_order_number"
    PAYMENT = "payment"
    ID = "id"


class MatchWay(StrEnum):
    """How a text was found, the best way first."""

    EXACT = "exact"
    WORD = "word"
    PREFIX = "prefix"
    SUBSTRING = "substring"
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class SearchKey:
    """A text to be found by: all of a field where `whole` holds, else a word of it, or the rest of it from a word on."""

    field: SearchField
    key: str
    whole: bool


def fold(text: str) -> str:
    """The text as searches compare it; empty where it holds no letter and no digit."""
    return "".join(_words(text, "@")).strip("@")


def person_keys(*, email: str | None, name: str | None, company: str | None) -> tuple[SearchKey, ...]:
    """The texts by which a person is found, once each, of those that are given."""
    found: dict[SearchKey, None] = {}
    if email:
        found |= dict.fromkeys(_email_keys(email))
    if name:
        found |= dict.fromkeys(_named_keys(SearchField.NAME, name))
        if len(words := _words(name)) > 1:
            found[SearchKey(SearchField.NAME, "".join((words[-1], *words[:-1])), whole=False)] = None
    if company:
        found |= dict.fromkeys(_named_keys(SearchField.COMPANY, company))
    return tuple(found)


def neighbours(folded: str) -> tuple[str, ...]:
    """Every text that one typo makes of this one: a letter left out, added, mistaken, or two of them swapped.

    A text of fewer letters than TYPO_FROM has none, nor has one of more than TYPO_UP_TO.
    """
    if not TYPO_FROM <= len(folded) <= TYPO_UP_TO:
        return ()
    letters = dict.fromkeys(_LETTERS + folded)
    found = dict.fromkeys(_one_typo(folded, letters))
    found.pop(folded, None)
    return tuple(found)


def _one_typo(text: str, letters: Iterable[str]) -> Iterator[str]:
    for place in range(len(text) + 1):
        before, after = text[:place], text[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]


def _email_keys(email: str) -> Iterator[SearchKey]:
    local, _, domain = email.rpartition("@")
    yield SearchKey(SearchField.EMAIL, fold(email), whole=True)
    for part in (fold(local), fold(domain)):
        if part:
            yield SearchKey(SearchField.EMAIL, part, whole=False)


def _named_keys(field: SearchField, text: str) -> Iterator[SearchKey]:
    words = _words(text)
    if not words:
        return
    yield SearchKey(field, "".join(words), whole=True)
    for number, word in enumerate(words[:STARTS_AT_MOST]):
        if number > 0:
            yield SearchKey(field, "".join(words[number:]), whole=False)
        if len(words) > 1:
            yield SearchKey(field, word, whole=False)


def _words(text: str, kept: str = "") -> list[str]:
    """The folded words of a text. Letters of `kept` count as letters."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = unicodedata.normalize("NFKD", decomposed.translate(_PLAIN).casefold())
    bare = (letter for letter in plain if unicodedata.category(letter) not in _UNHEARD)
    return "".join(letter if letter.isalnum() or letter in kept else " " for letter in bare).split()
