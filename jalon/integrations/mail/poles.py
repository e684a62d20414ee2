"""The milestones of a lifecycle as the bands of a pole, in the words of a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jalon.domain.emails import Milestone
from jalon.integrations.mail.formats import Formats
from jalon.integrations.mail.words import Words

_MARKS: Final = {"reached": "■", "awaited": "□", "held": "▨"}


@dataclass(frozen=True, slots=True)
class Band:
    """One band. `when` is its date in words; the first band not reached is `next`, those after it are `later`."""

    state: str
    label: str
    when: str
    mark: str
    next: bool
    later: bool


def pole(milestones: Sequence[Milestone], fmt: Formats, words: Words) -> list[Band]:
    """The bands of `milestones`, in their order."""
    waiting = next((n for n, each in enumerate(milestones) if each.state != "reached"), len(milestones))
    return [
        Band(
            state=each.state,
            label=words["milestones"][each.label],
            when=_when(each, fmt, words["states"]),
            mark=_MARKS[each.state],
            next=number == waiting,
            later=number > waiting,
        )
        for number, each in enumerate(milestones)
    ]


def _when(milestone: Milestone, fmt: Formats, states: dict[str, str]) -> str:
    if milestone.at is not None:
        return fmt.day(milestone.at)
    if milestone.until is not None and milestone.state != "held":
        return states["until"].format(when=fmt.until(milestone.until))
    return states[milestone.state]
