"""Each fault planted in a model has a twin in the product, and the script that both share finds both."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from jalon.rehearsal.sim.planted import PLANTED
from tests.jalon.rehearsal.sim.conftest import LENT

ROOT = Path(__file__).parents[4]
SOME_TESTS_FAILED = 1
DISAGREED = re.compile(r"^E +(assert |AssertionError)", re.MULTILINE)
TWINS = [fault.name for fault in PLANTED if fault.twin]


def script_with(
    fault: str, *where: str, tests: str, given: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the script on one side, with the fault planted, until its first failure."""
    asked = ("tests/jalon/rehearsal/sim/test_models.py", "-q", "-x", "-p", "no:cacheprovider", "-k", tests)
    return subprocess.run(
        [sys.executable, "-m", "jalon.rehearsal.sim.planting", fault, *where, "pytest", *asked],
        cwd=ROOT,
        env={**os.environ, **(given or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def found(run: subprocess.CompletedProcess[str]) -> bool:
    """Whether the script ran and an assertion failed. A fault that only breaks the program does not count."""
    return run.returncode == SOME_TESTS_FAILED and DISAGREED.search(run.stdout) is not None


def test_there_are_faults_with_twins() -> None:
    assert TWINS


@pytest.mark.parametrize("fault", TWINS)
def test_the_script_finds_the_twin_in_the_product(fault: str, database_url: str) -> None:
    run = script_with(fault, "--twin", tests="product", given={LENT: database_url})
    assert found(run), run.stdout + run.stderr


@pytest.mark.parametrize("fault", TWINS)
def test_the_script_finds_the_fault_in_the_model(fault: str) -> None:
    run = script_with(fault, tests="not product")  # "model" is in the file's own name
    assert found(run), run.stdout + run.stderr
