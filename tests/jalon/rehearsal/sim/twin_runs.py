"""Runs the script that model and product share with a planted fault, once for each line of its standard input.

A line is a JSON array: the fault's name, whether its twin is to be planted, and the tests to run. The answer is a line with the exit
status and the output of pytest. Each run is a fork of this process, which has imported nothing of the product.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout

import pytest

from jalon.rehearsal.sim.planted import PLANTED
from jalon.rehearsal.sim.planting import import_libraries, in_a_fork, plant

SCRIPT = "tests/jalon/rehearsal/sim/test_models.py"
ASKED = ("-q", "-x", "-p", "no:cacheprovider")


def main() -> None:
    """Imports pytest, its plugins and the libraries, then runs what it is told to."""
    _run(__file__, "--noconftest")
    import_libraries("alembic.command", "xdist.scheduler")
    for line in sys.stdin:
        name, twin, tests = json.loads(line)
        sys.stdout.write(json.dumps(in_a_fork(_script_with, name, twin=twin, tests=tests)) + "\n")
        sys.stdout.flush()


def _script_with(name: str, *, twin: bool, tests: str) -> tuple[int, str]:
    fault = next(each for each in PLANTED if each.name == name)
    plant(fault.twin if twin else fault.edits)
    return _run(SCRIPT, "-k", tests)


def _run(*arguments: str) -> tuple[int, str]:
    with redirect_stdout(io.StringIO()) as told:
        status = pytest.main([*arguments, *ASKED])
    return int(status), told.getvalue()


if __name__ == "__main__":
    main()
