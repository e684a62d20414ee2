"""Texts that people write: which characters they may hold, and when two names are one.

A name is kept as it was written, in NFC. Joiners (U+200C, U+200D) stay, since names of some scripts need them.
"""

from __future__ import annotations

import unicodedata

_REVERSING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
RESERVED = frozenset({"system", "command line", "entity", "mail server"})
"""Names under which Jalon itself acts. No person and no other system has one of them."""
PROVIDER = "provider:"
"""What the names of payment providers begin with."""
_NEVER_SHOWN = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""The first and last of each range that Unicode's property Default_Ignorable_Code_Point has: a reader sees nothing there."""
_DRAWN_BLANK = ((0x2800, 0x2800), (0x13441, 0x13442), (0x1D159, 0x1D159))
"""The same of symbols that are drawn as a blank."""
_UNSEEN = frozenset(
    chr(code) for first, last in (*_NEVER_SHOWN, *_DRAWN_BLANK) for code in range(first, last + 1)
)


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
    if not any(unicodedata.category(letter)[0] in "LNPS" and letter not in _UNSEEN for letter in line):
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
    if is_reserved(name):
        raise ValueError("is a name under which Jalon itself acts: name the person or system")
    return name


def has_letter(text: str) -> bool:
    """Whether a letter of any script can be seen in the text."""
    return any(letter.isalpha() and letter not in _UNSEEN for letter in text)


def is_reserved(name: str) -> bool:
    """Whether Jalon itself, or a payment provider, acts under the name."""
    folded = same_name(name)
    return folded in RESERVED or folded.startswith(PROVIDER)


def same_number(number: str) -> str:
    """A text that is equal for equal numbers of a company, as `same_name`; a # before the number does not count."""
    return same_name(number).removeprefix("#").strip()


def same_name(name: str) -> str:
    """A text that is equal for equal names: NFKC, without case, doubled blanks and what a reader does not see."""
    # What is not seen can part a letter from its accent, so it goes before the two become one.
    folded = _nfkc(_nfkc(_seen(name)).casefold())
    return _nfkc(" ".join(_seen(folded).split()))


def _seen(text: str) -> str:
    return "".join(
        letter for letter in text if letter not in _UNSEEN and unicodedata.category(letter) != "Cf"
    )


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
