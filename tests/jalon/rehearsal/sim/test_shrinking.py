"""A failing life is shrunk, and the command that reproduces it names only the trouble it needs."""

from __future__ import annotations

import shlex

import pytest

from jalon.rehearsal.sim import shrinking
from jalon.rehearsal.sim.chance import TROUBLES
from jalon.rehearsal.sim.life import Lived, Readers
from jalon.rehearsal.sim.shrinking import PEOPLE, reproduction, shrunk
from jalon.rehearsal.sim.world import Found

NEEDED = {"reset", "policy_edit"}


def lived(
    seed: int, *, harsh: bool, without: frozenset[str] = frozenset(), readers: Readers | None = None
) -> Lived:
    """A life that breaks a rule where two kinds of trouble coincide, and another rule where a third is left out."""
    found = [Found("price", "too dear")] if not NEEDED & without else []
    if "engine_away" in without:
        found.append(Found("rest", "for another reason"))
    return Lived(seed, tuple(found), (), {}, "", 0)


def test_what_the_broken_rule_does_not_need_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shrinking, "live", lived)
    without = shrunk(lived(7, harsh=True), harsh=True)
    assert {*PEOPLE, *TROUBLES} - without == NEEDED
    line = shlex.split(reproduction(7, harsh=True, without=without))
    assert line == [
        "jalon",
        "sim",
        "--lives",
        "1",
        "--seed",
        "7",
        "--harsh",
        "--only",
        "policy_edit,reset",
        "--trace",
    ]


def test_a_life_that_was_not_made_smaller_is_lived_whole() -> None:
    assert reproduction(7, harsh=False, without=frozenset()) == "jalon sim --lives 1 --seed 7 --trace"
    assert reproduction(7, harsh=False, without=frozenset(), read=True).endswith("--seed 7 --read --trace")
