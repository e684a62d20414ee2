"""`jalon demo` as it is called. `.ci/run` runs it whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


def test_a_folder_without_stores_is_named(tmp_path: Path) -> None:
    asked = [sys.executable, "-m", "jalon.cli.main", "demo", "--stores", str(tmp_path)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "holds no store file" in done.stderr
    assert "Traceback" not in done.stderr
