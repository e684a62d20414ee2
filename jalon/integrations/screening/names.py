"""The similarity of two names: both are normalised and cut into words, and the words are aligned by similarity.

Spelling, word order, legal forms, particles, initials and scripts should not hide a listed party. Arabic and Chinese romanise poorly, so
the list's own aliases matter for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA, JaroWinkler

WORD_ALIKE = 0.70
"""The lowest similarity at which two words count as the same word."""

JOINED_ALIKE = 0.86
"""The lowest similarity at which names written as one word count as alike. This finds words that were split or joined."""

# Unmatched words weigh in full where both names have some, and little where one name is only longer.
_UNANSWERED_BY_BOTH = 2.0
_UNANSWERED_BY_ONE = 0.25

_INITIAL_ALIKE = 0.9
_INITIAL_WEIGHT = 0.5
_LIGHT_WEIGHT = 0.25

_LEGAL_FORMS = re.compile(
    r"\b(?:limited liability (?:company|partnership)|public limited company"
    r"|(?:(?:open|closed|public) )?joint stock company"
    r"|(?:otkrytoe |zakrytoe |publichnoe )?aktsionerno[iey]e? obshchestvo"
    r"|obshchestvo s ogranichenno[iy] otvetstvennostyu|societatea cu raspundere limitata"
    r"|sp z o o|s r o|s a r l|s a s|s p a|s r l|b v b a|l l c|l l p|p l c|g m b h|s a|b v|n v|a s|a o|l p|k k"
    r"|inc|incorporated|corp|corporation|co|company|ltd|limited|llc|llp|lp|plc|gmbh|ag|kg|sa|sas|sarl|srl|spa"
    r"|nv|bv|bvba|oao|zao|pao|ooo|ao|ano|ojsc|cjsc|pjsc|jsc|tov|oy|oyj|ab|aps|kk|bhd|sdn|pty|pte|psc"
    r"|fze|fzco|fzc|dmcc)\b"
)
_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "dame", "lord", "haji", "hajji", "sheikh", "shaykh"}
)
# fmt: off
_LIGHT_WORDS = frozenset(
    {
        "al", "bin", "abu", "von", "van", "der", "den", "de", "del", "della", "da", "di", "du", "la", "le",
        "los", "y", "e", "the", "of", "and", "for", "und", "et", "group", "holding", "holdings",
        "international", "trading", "global", "general", "services", "service", "industries", "industrial",
        "enterprise", "enterprises", "bank", "trust", "management",
    }
)
_ONE_SPELLING = {
    "ibn": "bin", "ben": "bin", "bint": "bin", "el": "al", "ul": "al",
    "one": "1", "first": "1", "1st": "1", "two": "2", "second": "2", "2nd": "2", "three": "3", "third": "3",
    "3rd": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}
# fmt: on


_TELLS = ("L", "N", "Cn", "Co")
"""Categories of characters that tell one name from another, those included that this Unicode does not know yet."""


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[str, ...]:
    """The words that distinguish a name, normalised. Legal forms and titles are left out unless the name has nothing else.

    A name made of initials alone counts as one word; otherwise it would resemble every name with these initials.
    """
    plain = _romanised(_visible(name))
    telling = _LEGAL_FORMS.sub(" ", plain).split() or plain.split()
    untitled = [word for word in telling if word not in _TITLES] or telling
    if all(len(word) == 1 for word in untitled):
        return ("".join(untitled),) if untitled else ()
    return tuple(_ONE_SPELLING.get(word, word) for word in untitled)


def is_legible(name: str) -> bool:
    """Whether `words` holds all of a name that tells it from others (T6).

    It does not where an ideograph, or each letter of a word, has no romanisation. A single letter may have none: many alphabets have
    silent ones, and an initial tells little.
    """
    visible = _visible(name)
    lost = [word for word in visible.split() if not _romanised(word) and sum(map(_tells, word)) > 1]
    return bool(words(name)) and not lost and not any(_is_lost_ideograph(letter) for letter in visible)


def similarity(one: str, other: str) -> float:
    """The similarity of two names, 0 to 1; symmetric."""
    return likeness(words(one), words(other))


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The similarity of two names given as `words`, 0 to 1: the higher of the aligned and the joined comparison."""
    if not one or not other:
        return 0.0
    return max(_aligned(one, other), _joined(one, other))


def weight(word: str) -> float:
    """The weight of a word in a comparison: 1, or less for particles, trade words and initials."""
    if word in _LIGHT_WORDS:
        return _LIGHT_WEIGHT
    return _INITIAL_WEIGHT if len(word) == 1 else 1.0


@lru_cache(maxsize=262_144)
def word_likeness(one: str, other: str) -> float:
    """The similarity of two words, 0 to 1. Numbers are equal or not; an initial matches any word that begins with it."""
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return _INITIAL_ALIKE if one[0] == other[0] else 0.0
    # Jaro-Winkler overrates a shared beginning ("Castro", "Castillo"), so edit distance lowers it.
    return (JaroWinkler.similarity(one, other) + OSA.normalized_similarity(one, other)) / 2


def spellings_in_one(name: Sequence[str]) -> tuple[str, str]:
    """The words of a name joined into one, in the given and in alphabetical order."""
    return "".join(name), "".join(sorted(name))


def _visible(name: str) -> str:
    # Letters that have a capital only in headlines, as those of Georgian, are romanised in their usual form.
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")


def _romanised(visible: str) -> str:
    plain = re.sub(r"['`]", "", anyascii(visible).casefold())
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


def _tells(letter: str) -> bool:
    return unicodedata.category(letter).startswith(_TELLS)


def _is_lost_ideograph(letter: str) -> bool:
    named = unicodedata.name(letter, "CJK")
    return named.startswith("CJK") and _tells(letter) and not _romanised(letter)


def _aligned(one: Sequence[str], other: Sequence[str]) -> float:
    alike = [(word_likeness(a, b), i, j) for i, a in enumerate(one) for j, b in enumerate(other)]
    left_one, left_other = dict(enumerate(one)), dict(enumerate(other))
    gained = answered = 0.0
    anchored = False
    for score, i, j in sorted(alike, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if score < WORD_ALIKE:
            break
        if i in left_one and j in left_other:
            anchored = anchored or len(one[i]) > 1 < len(other[j])
            shared = (weight(left_one.pop(i)) + weight(left_other.pop(j))) / 2
            gained += shared * score
            answered += shared
    less, more = sorted(sum(weight(word) for word in left.values()) for left in (left_one, left_other))
    # Initials alone match too many names to count.
    if not anchored:
        return 0.0
    return gained / (answered + _UNANSWERED_BY_BOTH * less + _UNANSWERED_BY_ONE * (more - less))


def _joined(one: Sequence[str], other: Sequence[str]) -> float:
    if _digits(one) != _digits(other):
        return 0.0
    spelled = zip(spellings_in_one(one), spellings_in_one(other), strict=True)
    best = max(OSA.normalized_similarity(a, b) for a, b in spelled)
    return best if best >= JOINED_ALIKE else 0.0


def _digits(name: Sequence[str]) -> list[str]:
    return sorted(letter for word in name for letter in word if letter.isdigit())
