"""The command line in a process of its own, as a person runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
Jalon = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def jalon(tmp_path: Path) -> Jalon:
    """`jalon("db", "upgrade", JALON_…="…")` in an empty folder; no other JALON_ variable is set."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
        environment = {**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": "160", **variables}
        command = [sys.executable, "-m", "jalon.cli.main", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run
