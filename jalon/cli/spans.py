"""Spans of time as a person reads them."""

from __future__ import annotations

from itertools import islice


def span_of(seconds: float) -> str:
    """A span in its two greatest units, as in 2 d 3 h."""
    left, parts = int(seconds), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, left = divmod(left, size)
        parts.append(f"{number} {unit}" if number else "")
    return " ".join(islice(filter(None, parts), 2)) or "0 s"
