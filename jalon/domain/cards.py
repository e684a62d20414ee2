"""Card numbers, which never belong in a text: a text that holds one is refused before it is stored."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"\d(?:[ .\-_/]?\d){11,18}")
_LENGTHS = frozenset({14, 15, 16})
_ISSUERS = re.compile(r"[3-6]|2[2-7]")


def looks_like_card(token: str) -> bool:
    """Whether a token holds 12 to 19 digits in a row, or apart by single separators, as card numbers are written."""
    return _DIGITS.search(token) is not None


def holds_card(text: str) -> bool:
    """Whether a text holds the number of a card: the length and first digits of an issuer, and the right check digit."""
    found = (re.sub(r"\D", "", each) for each in _DIGITS.findall(text))
    return any(len(each) in _LENGTHS and _ISSUERS.match(each) and _checks(each) for each in found)


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(each, 10)) for each in doubled) % 10 == 0
