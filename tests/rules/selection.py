"""Which tests name which rule, and what each of them needs to run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import pytest

from tests.rules.mutations import ROOT

ENGINES = frozenset({"machine", "postgres"})
"""The fixtures that start engines."""
SLOW = ("tests/browser", "tests/end_to_end/alone")
"""Tests with a machine or a browser of their own."""
NEVER = (
    "tests/api/test_fuzz.py",
    "tests/end_to_end/alone/test_kills.py",
    "tests/end_to_end/elsewhere",
    "tests/end_to_end/test_live.py",
    "tests/jalon/cli",
    "tests/jalon/rehearsal",
    "tests/test_new_kind.py",
)
"""Tests of many things at once, or in real time: they take up to minutes, so no mutation waits for them."""
MIRRORS = ("tests/jalon/policy/authoring/test_stores.py",)
"""Tests that quote the store files: they prove nothing about a value."""
_MARK = re.compile(r"mark\.rule\(([^)]*)\)", re.DOTALL)


class Cost(IntEnum):
    """What a test needs: nothing but this process, the engines, or much of them."""

    IN_PROCESS = 0
    ENGINES = 1
    SLOW = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A test that names rules."""

    node: str
    rules: frozenset[str]
    cost: Cost


def files_naming_rules() -> list[str]:
    """The test files in which a rule is named and that a mutation may wait for."""
    files = {str(file.relative_to(ROOT)): file for file in (ROOT / "tests").rglob("test_*.py")}
    return sorted(
        name
        for name, file in files.items()
        if not name.startswith(NEVER) and _MARK.search(file.read_text("utf-8"))
    )


def rules_named() -> set[str]:
    """Every rule that a test names."""
    texts = (file.read_text("utf-8") for file in (ROOT / "tests").rglob("*.py"))
    return {rule for text in texts for mark in _MARK.findall(text) for rule in re.findall(r'"(\w+)"', mark)}


def candidates() -> list[Candidate]:
    """Every test that names a rule, as pytest collects them in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __name__], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return [Candidate(node, frozenset(rules), Cost(cost)) for node, rules, cost in told]


def naming(among: Iterable[Candidate], rules: Iterable[str], *, of_a_value: bool) -> list[Candidate]:
    """Those that name one of the rules, the cheap ones first. Of a value, those that quote its file are left out."""
    wanted = set(rules)
    found = [each for each in among if each.rules & wanted]
    return sorted(
        (each for each in found if not (of_a_value and each.node.startswith(MIRRORS))),
        key=lambda each: each.cost,
    )


class _Collected:
    """Keeps what pytest collects."""

    def __init__(self) -> None:
        self.found: list[tuple[str, list[str], int]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes the tests that name a rule."""
        for item in session.items:
            rules = {rule for mark in item.iter_markers("rule") for rule in mark.args}
            if rules:
                self.found.append((item.nodeid, sorted(rules), _cost(item)))


def _cost(item: pytest.Item) -> Cost:
    if item.nodeid.startswith(SLOW):
        return Cost.SLOW
    needs = ENGINES & set(getattr(item, "fixturenames", ()))
    return Cost.ENGINES if needs else Cost.IN_PROCESS


def _collect() -> None:
    collected = _Collected()
    pytest.main(
        ["--collect-only", "-q", "-p", "no:cacheprovider", *files_naming_rules()], plugins=[collected]
    )
    print()
    print(json.dumps(collected.found))


if __name__ == "__main__":
    assert Path.cwd() == ROOT
    _collect()
