"""Runs the tests that name a rule on a copy of the tree in which a mutation is planted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from tests.rules.mutations import ROOT, Mutation

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".jalon", ".*_cache", "*.egg-info", ".hypothesis", "build"
)
PASSED, FAILED, NO_TEST = 0, 1, 5
TIME_LIMIT = 900


class Verdict(StrEnum):
    """What became of a mutation: a test of its rule failed, none did, there is no such test, or no test could begin."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    NO_TEST = "no test"
    BROKEN = "broken"


def files_naming(rules: Iterable[str]) -> list[str]:
    """The test files in which one of the rules is named."""
    named = [f'"{rule}"' for rule in rules]
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [str(file.relative_to(ROOT)) for file in files if _names(file.read_text("utf-8"), named)]


def _names(text: str, named: list[str]) -> bool:
    marks = re.findall(r"mark\.rule\(([^)]*)\)", text)
    return any(rule in mark for mark in marks for rule in named)


def judge(mutation: Mutation, place: Path) -> Verdict:
    """The verdict on one mutation, planted in a copy of the tree below `place`."""
    files = files_naming(mutation.rules)
    if not files:
        return Verdict.NO_TEST
    tree = Path(shutil.copytree(ROOT, place / "tree", ignore=LEFT_OUT))
    (tree / ".venv").symlink_to(ROOT / ".venv")
    target = tree / mutation.edit.file
    target.write_text(mutation.edit.apply(target.read_text("utf-8")), "utf-8")
    try:
        return _run(tree, files, mutation.rules)
    finally:
        shutil.rmtree(tree)


def _run(tree: Path, files: list[str], rules: tuple[str, ...]) -> Verdict:
    chosen = [each for rule in rules for each in ("--rule", rule)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-rf",
        "-p",
        "no:cacheprovider",
        "--tb=no",
        *chosen,
        *files,
    ]
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""}
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict.BROKEN
    if done.returncode == FAILED:
        return Verdict.CAUGHT if re.search(r"^FAILED ", done.stdout, re.MULTILINE) else Verdict.BROKEN
    return {PASSED: Verdict.SURVIVED, NO_TEST: Verdict.NO_TEST}.get(done.returncode, Verdict.BROKEN)
