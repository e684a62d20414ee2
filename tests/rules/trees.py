"""Runs tests on a mutation with the engines: on a copy of the tree in which it is planted, with a machine of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
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
_FAILED_OR_NOT_RUN = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
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
    options = ["-q", "-x", "-rf", "--tb=no", "-p", "no:cacheprovider", f"--copies={copies}"]
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "", "COLUMNS": "400"}
    return failed_in([sys.executable, "-m", "pytest", *options, *nodes], tree, environment)


def failing_anyway(nodes: Collection[str]) -> set[str]:
    """Those of the tests that fail on the tree as it is, where nothing is planted."""
    found: set[str] = set()
    for some in _batches(sorted(nodes)):
        options = ["-q", "-rfE", "--tb=no", "-p", "no:cacheprovider"]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "COLUMNS": "400"}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *some],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        failed = {match[1] for match in _FAILED_OR_NOT_RUN.finditer(done.stdout)}
        found |= failed if done.returncode in (0, 1) else set(some)
    return found


def _batches(nodes: Sequence[str]) -> Iterator[Sequence[str]]:
    """The tests in runs whose names fit into one command line."""
    return (nodes[first : first + AT_ONCE] for first in range(0, len(nodes), AT_ONCE))


def failed_in(command: Sequence[str], place: Path, environment: Mapping[str, str]) -> tuple[str | None, int]:
    """The first test that a run of pytest reports as failed, not by its time limit, and the exit status; -1 after TIME_LIMIT."""
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
        return None, -1
    found = _FAILED.search(done.stdout)
    by_what_it_found = found is not None and "Timeout" not in (found[2] or "")
    return (found[1] if found and by_what_it_found else None), done.returncode
