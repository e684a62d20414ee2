"""Shrinks a failing life: leaves out one kind of trouble after another as long as the same rule is broken."""

from __future__ import annotations

from collections.abc import Callable

from jalon.rehearsal.sim.chance import TROUBLES
from jalon.rehearsal.sim.life import Lived, live

PEOPLE = ("more_carts", "second_line", "seat_changes", "second_thoughts")
"""Optional actions of people; they are left out like trouble."""


def shrunk(
    failing: Lived, *, harsh: bool, progress: Callable[[str], None] = lambda _line: None
) -> frozenset[str]:
    """The kinds of trouble without which the failing life still breaks its first rule."""
    rule, without = failing.found[0].rule, frozenset[str]()
    for kind in (*PEOPLE, *TROUBLES):
        tried = without | {kind}
        if any(found.rule == rule for found in live(failing.seed, harsh=harsh, without=tried).found):
            without = tried
            progress(f"seed {failing.seed} breaks {rule!r} without {kind}, too")
    return without


def reproduction(seed: int, *, harsh: bool, without: frozenset[str]) -> str:
    """The command that runs the same life again and prints its trace."""
    needed = sorted({*PEOPLE, *TROUBLES} - without)
    only = f" --only {','.join(needed) or 'nothing'}" if without else ""
    return f"jalon sim --lives 1 --seed {seed}{' --harsh' if harsh else ''}{only} --trace"
