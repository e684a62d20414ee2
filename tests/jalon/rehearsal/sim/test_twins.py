"""Each fault planted in a model has a twin in the product, and the script that both share finds both."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jalon.rehearsal.sim.planted import PLANTED
from tests.jalon.rehearsal.sim.conftest import LENT

ROOT = Path(__file__).parents[4]
DISAGREED = re.compile(r"^E +(assert |AssertionError)", re.MULTILINE)
TWINS = [fault.name for fault in PLANTED if fault.twin]


Script = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def script_with(database_urls: str) -> Iterator[Script]:
    """`script_with(fault, twin=True, tests="product")`: pytest's status and output up to the first failure."""
    asked = [sys.executable, "-m", "tests.jalon.rehearsal.sim.twin_runs"]
    lent = {**os.environ, LENT: database_urls}
    with subprocess.Popen(
        asked, cwd=ROOT, env=lent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as runs:
        assert runs.stdin
        assert runs.stdout
        told, answers = runs.stdin, runs.stdout

        def run(fault: str, *, twin: bool, tests: str) -> tuple[int, str]:
            print(json.dumps([fault, twin, tests]), file=told, flush=True)
            status, output = json.loads(answers.readline())
            return status, output

        yield run
        told.close()


def found(status: int, output: str) -> bool:
    """Whether the script ran and an assertion failed. A fault that only breaks the program does not count."""
    return status == pytest.ExitCode.TESTS_FAILED and DISAGREED.search(output) is not None


def test_there_are_faults_with_twins() -> None:
    assert TWINS


@pytest.mark.parametrize("fault", TWINS)
def test_the_script_finds_the_twin_in_the_product(fault: str, script_with: Script) -> None:
    status, output = script_with(fault, twin=True, tests="product")
    assert found(status, output), output


@pytest.mark.parametrize("fault", TWINS)
def test_the_script_finds_the_fault_in_the_model(fault: str, script_with: Script) -> None:
    status, output = script_with(fault, twin=False, tests="not product")  # "model" is in the file's own name
    assert found(status, output), output
