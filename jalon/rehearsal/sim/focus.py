"""What a hunt for one planted fault makes frequent, so that a rare coincidence is met within a few hundred lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

MORE_OFTEN = 4
"""So many times as many edits of the store's file, or resets, fit in a life that is lived for them."""


@dataclass(frozen=True, slots=True)
class Focus:
    """`rates` are those of the kinds of trouble that the fault needs; all other kinds are left out.

    `choices` weighs what people and chance choose, by the purpose of the choice and by patterns of what is chosen.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def weights(self, name: str, choices: Sequence[Any]) -> list[float] | None:
        """The weights of the choices; None where the hunt wants none of them, or does not care."""
        patterns = self.choices.get(name)
        if patterns is None:
            return None
        weights = [_weight(patterns, str(choice)) for choice in choices]
        return weights if any(weights) else None


def _weight(patterns: Mapping[str, float], choice: str) -> float:
    """By the first pattern that the choice is like; 0 where it is like none."""
    return next((weight for pattern, weight in patterns.items() if fnmatchcase(choice, pattern)), 0.0)
