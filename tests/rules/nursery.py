"""Runs tests on a mutation in a fork: this process imports the libraries once, and nothing of the product.

Reads one request a line, `{"file", "former", "now", "nodes"}`, and answers each with `{"failed", "code"}`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from jalon.rehearsal.sim.edits import Edit
from jalon.rehearsal.sim.planting import ROOT, import_libraries, plant

LIBRARIES = ("fastapi", "pytest_asyncio", "temporalio.testing", "xdist.remote")
LIMIT = 120
"""Seconds that one test may take in a fork."""


class Watcher:
    """Keeps the first test that failed, also where the product refused what it is given; not by its time limit."""

    failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes a failed test."""
        if report.failed and self.failed is None and "Timeout" not in report.longreprtext:
            self.failed = report.nodeid


def main() -> None:
    """Answers requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    import_libraries(*LIBRARIES)
    # The first counterexample is enough: nobody reads a smaller one.
    settings.register_profile("rules", phases=(Phase.explicit, Phase.generate))
    settings.load_profile("rules")
    for line in sys.stdin:
        print(_in_fork(json.loads(line)), file=answers, flush=True)


def _in_fork(request: dict[str, Any]) -> str:
    """The answer of a fork, as JSON."""
    reads, writes = os.pipe()
    if os.fork() == 0:
        os.close(reads)
        try:
            answer = _answer(request)
        except BaseException as broken:  # noqa: BLE001  # whatever it is, the fork tells of it and ends
            answer = {"failed": None, "code": 3, "why": repr(broken)}
        os.write(writes, json.dumps(answer).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as told:
        answer_text = told.read()
    os.wait()
    return answer_text or json.dumps({"failed": None, "code": 3})


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    edit = Edit(request["file"], request["former"], request["now"])
    if edit.file.endswith(".py"):
        plant([edit])
    else:
        _plant_text(edit)
    watcher = Watcher()
    options = [
        "-x",
        "-q",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "--tb=line",
        "-p",
        "no:cacheprovider",
        f"--timeout={LIMIT}",
    ]
    code = pytest.main([*options, *request["nodes"]], plugins=[watcher])
    return {"failed": watcher.failed, "code": int(code)}


def _plant_text(edit: Edit) -> None:
    """Makes later readers of a file find it changed."""
    target, read = ROOT / edit.file, Path.read_text

    def read_text(path: Path, *args: Any, **kwargs: Any) -> str:
        text = read(path, *args, **kwargs)
        return edit.apply(text) if path.resolve() == target else text

    Path.read_text = read_text  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    main()
