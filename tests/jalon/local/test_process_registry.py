"""One machine for each folder. A killed machine's processes are ended; a process that only reuses a pid is not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jalon.local.process_registry import FolderInUse, FolderLock, ProcessRegistry


@pytest.fixture
def stray() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jalon.local.process_registry.LEAVES_BY_ITSELF_WITHIN", 0.1)


def test_the_folder_belongs_to_one_machine(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(FolderInUse, match="is in use by process"), FolderLock(tmp_path):
        pass
    with FolderLock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_leftover_is_ended(tmp_path: Path, stray: subprocess.Popen[bytes]) -> None:
    ProcessRegistry(tmp_path).add("stray", stray.pid)
    assert ProcessRegistry(tmp_path).end_leftovers() == ["stray"]
    assert not psutil.pid_exists(stray.pid)
    assert not (tmp_path / "processes.json").exists()


def test_another_process_under_the_same_pid_is_left_alone(
    tmp_path: Path, stray: subprocess.Popen[bytes]
) -> None:
    started = psutil.Process(stray.pid).create_time() - 60
    (tmp_path / "processes.json").write_text(json.dumps({"other": {"pid": stray.pid, "started": started}}))
    assert ProcessRegistry(tmp_path).end_leftovers() == []
    assert stray.poll() is None


def test_a_record_cut_short_by_a_crash_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "processes.json").write_text('{"api": {"pi')
    assert ProcessRegistry(tmp_path).end_leftovers() == []
