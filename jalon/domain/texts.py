"""Texts that people write: which characters they may hold, and when two names are one.

A name is kept as it was written, in NFC. Joiners (U+200C, U+200D) stay, since names of some scripts need them.
"""

from __future__ import annotations

import unicodedata

_REVERSING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
RESERVED = frozenset({"system", "command line", "entity"})
"""Names under which Jalon itself acts. No person and no other system has one of them."""
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def fault_in(text: str) -> str | None:
    """What a line of text may not hold and holds, in words; None where it is sound."""
    for letter in text:
        category = unicodedata.category(letter)
        if category in _BREAKS:
            return f"holds a line break or a control character (U+{ord(letter):04X}): write it in one line"
        if letter in _REVERSING:
            return f"holds a mark that reverses what follows (U+{ord(letter):04X}): leave it out"
        if category == "Cs":
            return "holds half a character: send whole Unicode characters"
    return None


def read_line(text: str) -> str:
    """The line in NFC, without outer blanks. ValueError says what is wrong, or that nothing in it can be seen."""
    fault = fault_in(text)
    if fault is not None:
        raise ValueError(fault)
    line = unicodedata.normalize("NFC", text).strip()
    if not any(unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK_LETTERS for letter in line):
        raise ValueError("is blank: nothing in it can be seen")
    return line


def read_name(text: str) -> str:
    """The name of a person, company or system in NFC. ValueError as `read_line`, and for a text without a letter or digit."""
    name = read_line(text)
    if not has_letter(name) and not any(letter.isdigit() for letter in name):
        raise ValueError("is no name: it holds no letter")
    return name


def read_person(text: str) -> str:
    """The name of a person or system that acts, as `read_name`. ValueError also for a name under which Jalon itself acts."""
    name = read_name(text)
    if same_name(name) in RESERVED:
        raise ValueError("is a name under which Jalon itself acts: name the person or system")
    return name


def has_letter(text: str) -> bool:
    """Whether a letter of any script can be seen in the text."""
    return any(letter.isalpha() and letter not in _BLANK_LETTERS for letter in text)


def same_number(number: str) -> str:
    """A text that is equal for equal numbers of a company, as `same_name`; a # before the number does not count."""
    return same_name(number).removeprefix("#").strip()


def same_name(name: str) -> str:
    """A text that is equal for equal names: NFKC, without case, invisible characters and doubled blanks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    seen = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    return " ".join(seen.split())
