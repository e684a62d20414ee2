"""Runs tests on a mutation with the engines: on a copy of the tree in which it is planted, with a machine of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from jalon.rehearsal.sim.edits import Edit
from tests.rules.mutations import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".jalon", ".*_cache", "*.egg-info", ".hypothesis", "build")
TIME_LIMIT = 900
COPIES_BESIDE = 2
"""Copies of each store beside one for each test."""
MOST_COPIES = 40

AT_ONCE = 200
"""Tests of one run without a mutation."""
PYTEST = (sys.executable, "-m", "pytest", "-q", "-rfp", "--tb=no", "-p", "no:cacheprovider")
PLAIN = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "COLUMNS": "400"}

_PASSED = re.compile(r"^PASSED (.+)$", re.MULTILINE)
_FAILED = re.compile(r"^FAILED (.+?)(?: - (.*))?$", re.MULTILINE)


def first_failed(edit: Edit | None, nodes: Sequence[str]) -> tuple[str | None, int]:
    """The first of the tests that fails on the mutation, and pytest's exit status; without an edit, on the tree as it is."""
    with tempfile.TemporaryDirectory(prefix="jalon-rules-") as place:
        tree = _planted(edit, Path(place) / "tree")
        return _run(tree, nodes)


def _planted(edit: Edit | None, tree: Path) -> Path:
    """A copy of the tree, by links; compiled code goes along, since most of it stays true."""
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT, copy_function=os.link)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    if edit is not None:
        target = tree / edit.file
        changed = edit.apply(target.read_text("utf-8"))
        target.unlink()
        target.write_text(changed, "utf-8")
    return tree


def _run(tree: Path, nodes: Sequence[str]) -> tuple[str | None, int]:
    copies = min(len(nodes) + COPIES_BESIDE, MOST_COPIES)
    environment = {**PLAIN, "PYTHONPATH": str(tree)}
    return first_failed_in([*PYTEST, "-x", f"--copies={copies}", *nodes], tree, environment)


def passing_anyway(nodes: Collection[str]) -> set[str]:
    """Those of the tests that pass on the tree as it is. No other one can catch anything."""
    passed: set[str] = set()
    every = sorted(nodes)
    for first in range(0, len(every), AT_ONCE):
        passed |= passed_in([*PYTEST, *every[first : first + AT_ONCE]], ROOT, PLAIN)
    return passed


def first_failed_in(
    command: Sequence[str], place: Path, environment: Mapping[str, str]
) -> tuple[str | None, int]:
    """The first test that a run of pytest reports as failed, not by its time limit, and the exit status; -1 after TIME_LIMIT."""
    said, code = _said(command, place, environment)
    found = _FAILED.search(said)
    by_what_it_found = found is not None and "Timeout" not in (found[2] or "")
    return (found[1] if found and by_what_it_found else None), code


def passed_in(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> set[str]:
    """The tests that a run of pytest reports as passed."""
    said, _ = _said(command, place, environment)
    return set(_PASSED.findall(said))


def _said(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> tuple[str, int]:
    """What a run of pytest printed, and its exit status; -1 after TIME_LIMIT."""
    try:
        done = subprocess.run(
            command,
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", -1
    return done.stdout, done.returncode
