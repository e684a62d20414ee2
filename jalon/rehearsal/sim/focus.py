"""The choices that a hunt for one planted fault makes frequent, so that a rare coincidence occurs within a few hundred lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

MORE_OFTEN = 4
"""The factor by which a life with this focus has more edits of the store's file, or resets."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The focus of a hunt. `rates` are those of the kinds of trouble that the fault needs; other kinds are left out.

    `choices` are weights of what people and chance choose, by the purpose of the choice and by patterns of the choices.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def weights(self, name: str, choices: Sequence[Any]) -> list[float] | None:
        """The weights of the choices; None where the focus has none for this purpose, or all of them are 0."""
        patterns = self.choices.get(name)
        if patterns is None:
            return None
        weights = [_weight(patterns, str(choice)) for choice in choices]
        return weights if any(weights) else None


def _weight(patterns: Mapping[str, float], choice: str) -> float:
    """The weight of the first pattern that matches the choice; 0 where none matches."""
    return next((weight for pattern, weight in patterns.items() if fnmatchcase(choice, pattern)), 0.0)
