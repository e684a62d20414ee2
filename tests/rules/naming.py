"""The rules that a text names."""

from __future__ import annotations

import re

_NAMED = re.compile(r"\b([A-Z])(\d{1,2})(?:\s*(?:-|–|to)\s*\1?(\d{1,2}))?\b")
_FAMILIES = "ACDGHPTX"


def rules_in(text: str) -> tuple[str, ...]:
    """The rules that a text names, "H1 to H5" and "H1–H5" as each of them."""
    found: dict[str, None] = {}
    for family, first, last in _NAMED.findall(text):
        if family in _FAMILIES:
            numbers = range(int(first), int(last or first) + 1)
            found.update({f"{family}{number}": None for number in numbers})
    return tuple(found)
