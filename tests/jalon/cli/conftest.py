"""The command line, in this process and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jalon.cli.main import main

ROOT = Path(__file__).resolve().parents[3]
Jalon = Callable[..., subprocess.CompletedProcess[str]]
COLUMNS = "160"


@pytest.fixture
def jalon(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Jalon:
    """`jalon("db", "upgrade", JALON_…="…")` in an empty folder; no other JALON_ variable is set.

    Only the start of the interpreter and the imports are left out.
    """

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("JALON_")]:
                patch.delenv(name)
            for name, value in {"COLUMNS": COLUMNS, **variables}.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", ["jalon", *arguments])
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capfd.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code or 0, out, err)

    return run


@pytest.fixture
def program(tmp_path: Path) -> Jalon:
    """As `jalon`, in a process of its own, as a person runs it."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
        environment = {**inherited, "PYTHONPATH": str(ROOT), "COLUMNS": COLUMNS, **variables}
        command = [sys.executable, "-m", "jalon.cli.main", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return run
