"""Lives: the same seed gives the same life, a sample of lives is sound, and a failing life is shrunk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
SAMPLE = 300
"""The number of lives that fit in 40 seconds on two cores, and are enough to reach every interesting state."""


def jalon_sim(*arguments: str, hash_seed: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    asked = [sys.executable, "-m", "jalon.rehearsal.sim", *arguments]
    return subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def told(*arguments: str) -> dict[str, Any]:
    done = jalon_sim(*arguments, "--json")
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1)
    return answer


@pytest.mark.rule("G3", "G6", "P5")
@pytest.mark.timeout(240)
def test_a_sample_of_lives_is_sound_and_meets_every_interesting_state() -> None:
    answer = told("--lives", str(SAMPLE), "--seed", "1")
    assert answer["violations"] == []
    assert answer["never_reached"] == []
    assert answer["planted"] is None
    assert (answer["ok"], answer["lives"], answer["seed"]) == (True, SAMPLE, 1)
    assert answer["lives_per_second"] > 0


def test_the_same_seed_gives_the_same_trace_twice() -> None:
    asked = ("--lives", "1", "--seed", "13", "--harsh", "--trace")
    traces = [jalon_sim(*asked, hash_seed=hash_seed).stdout for hash_seed in (None, "0", "7")]
    lives = [[line for line in trace.splitlines() if "a second" not in line] for trace in traces]
    assert len(lives[0]) > 50
    assert lives[0] == lives[1] == lives[2]


def test_another_seed_gives_another_life() -> None:
    first, second = (jalon_sim("--lives", "1", "--seed", seed, "--trace").stdout for seed in ("3", "4"))
    assert first != second


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--lives", "0"), "give 1 or more"),
        (("--only", "earthquake"), "unknown: earthquake"),
        (("--unheard-of",), "unrecognized arguments"),
    ],
)
def test_a_wrong_option_is_named_with_the_way_out(arguments: tuple[str, ...], word: str) -> None:
    done = jalon_sim(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
