"""How often lives compared what support reads, the projection, with what the workflow answers to a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jalon.rehearsal.sim.world import Found

TRANSITIONS = "agreement: transitions"
COMPARED = "agreement: transitions after which the projection was compared with the workflow's view"
COMPARED_AT_END = "agreement: entities compared at the end of their life"
"""The marks of the comparisons. Of several transitions of one task the last is there to compare."""


def agreement_of(marks: Mapping[str, int], failing: Iterable[tuple[Found, ...]]) -> dict[str, int]:
    """The counts of all lives, and the number of lives in which the two differed."""
    return {
        "transitions": marks.get(TRANSITIONS, 0),
        "compared": marks.get(COMPARED, 0),
        "compared_at_end": marks.get(COMPARED_AT_END, 0),
        "differing": sum(any(each.rule == "projection" for each in found) for found in failing),
    }


def told(agreement: Mapping[str, int]) -> str:
    """The counts in a sentence."""
    return (
        f"projection and workflow compared after {agreement['compared']} of {agreement['transitions']} transitions, and of "
        f"{agreement['compared_at_end']} entities at the end: {agreement['differing']} lives differ"
    )
