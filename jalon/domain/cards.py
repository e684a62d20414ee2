"""Card numbers, which never belong in a text: a text that holds one is refused before it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

_APART = r"[^\w,;]|_|[,;](?!\s)"
"""What may stand between two groups of digits of one number."""
_TOKEN = re.compile(r"\d(?:[^0-9A-Za-z]{0,3}\d){11}")
_NUMBERS = re.compile(rf"\d(?:(?:{_APART}){{0,3}}\d)+")
_USUAL_AT_MOST = 16
_GROUPS_AT_MOST = 5
_GROUP = re.compile(r"\d+")
_PRINTED = re.compile(r"1[3-9]|4 4 4 4(?: 3)?|4 4 4 [1-3]|4 6 [45]|8 8|4 3 3 3|6 1[0-3]")
"""The lengths of the groups in which cards print their numbers, and people copy them."""
_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|(?:30[0-5]|309|36\d|3[89]\d)\d{11}"
    r"|35(?:2[89]|[3-8]\d)\d{12}"
    r"|(?:6011|64[4-9]\d|65\d{2}|62\d{2}|81\d{2}|220[0-4])\d{12}(?:\d{3})?"
    r"|(?:50|5[6-8]|6[0-9])\d{11,17}"
)
"""Numbers of the issuers in use, by their first digits and their length: 13 to 19 digits (ISO/IEC 7812-1)."""


def looks_like_card(token: str) -> bool:
    """Whether a token holds 12 digits or more in a row, or apart by up to three separators, as card numbers are written."""
    return _TOKEN.search(token) is not None


def holds_card(text: str) -> bool:
    """Whether a text holds the number of a card: an issuer's first digits and length, and the right check digit.

    Its digits may be apart in any way. Between other groups of digits they are found in the groups in which cards print them, since
    long numbers of a company, dates and telephone numbers hold by chance what looks like a card.
    """
    return any(_SCHEMES.fullmatch(number) and _checks(number) for number in _candidates(text))


def _candidates(text: str) -> Iterator[str]:
    """Each number of the text written in one, and each part of it that is grouped as a card is."""
    for found in _NUMBERS.finditer(text):
        groups = ["".join(str(int(digit)) for digit in group) for group in _GROUP.findall(found[0])]
        if sum(map(len, groups)) <= _USUAL_AT_MOST:
            yield "".join(groups)
        for first in range(len(groups)):
            for last in range(first + 1, first + _GROUPS_AT_MOST + 1):
                part = groups[first:last]
                if _PRINTED.fullmatch(" ".join(str(len(group)) for group in part)):
                    yield "".join(part)


def _checks(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(each, 10)) for each in doubled) % 10 == 0
