"""Shrinks a failing life: leaves out one kind of trouble after another as long as the same rule is broken."""

from __future__ import annotations

from collections.abc import Callable

from jalon.rehearsal.sim.chance import TROUBLES
from jalon.rehearsal.sim.life import Lived, Readers, live

PEOPLE = ("more_carts", "second_line", "seat_changes", "second_thoughts", "transfers")
"""Optional actions of people; they are left out like trouble."""


def shrunk(
    failing: Lived,
    *,
    harsh: bool,
    progress: Callable[[str], None] = lambda _line: None,
    readers: Readers | None = None,
) -> frozenset[str]:
    """The kinds of trouble without which the failing life still breaks its first rule."""
    rule, without = failing.found[0].rule, frozenset[str]()
    for kind in (*PEOPLE, *TROUBLES):
        tried = without | {kind}
        again = live(failing.seed, harsh=harsh, without=tried, readers=readers)
        if any(found.rule == rule for found in again.found):
            without = tried
            progress(f"seed {failing.seed} breaks {rule!r} without {kind}, too")
    return without


def reproduction(seed: int, *, harsh: bool, without: frozenset[str], read: bool = False) -> str:
    """The command that runs the same life again and prints its trace."""
    needed = sorted({*PEOPLE, *TROUBLES} - without)
    only = f" --only {','.join(needed) or 'nothing'}" if without else ""
    options = f"{' --harsh' if harsh else ''}{' --read' if read else ''}"
    return f"jalon sim --lives 1 --seed {seed}{options}{only} --trace"
