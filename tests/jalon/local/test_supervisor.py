"""A program is restarted when it dies and stops on request; a failure to start names its reason."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jalon.local.process_registry import ProcessRegistry
from jalon.local.programs import Program
from jalon.local.supervisor import ProgramFailed, Supervisor

FOREVER = "import time; print('up', flush=True); time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"

Supervise = Callable[..., Supervisor]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def keep(tmp_path: Path, told: list[str]) -> Iterator[Supervise]:
    supervisors: list[Supervisor] = []

    def make(script: str, grace: float = 5.0, probe: Callable[[int], bool] | None = None) -> Supervisor:
        program = Program(
            "thing", (sys.executable, "-c", script), grace=grace, probe=probe or _has_spoken(tmp_path)
        )
        supervisor = Supervisor(program, tmp_path, ProcessRegistry(tmp_path), told.append)
        supervisors.append(supervisor)
        supervisor.start()
        return supervisor

    yield make
    for supervisor in supervisors:
        supervisor.stop()


def _has_spoken(folder: Path) -> Callable[[int], bool]:
    return lambda _pid: "up" in (folder / "thing.log").read_text()


def _pid(supervisor: Supervisor) -> int:
    assert supervisor.pid is not None
    return supervisor.pid


def test_killed_it_is_started_again_and_it_is_said(keep: Supervise, told: list[str]) -> None:
    supervisor = keep(FOREVER)
    supervisor.wait_ready(10)
    first = _pid(supervisor)
    os.kill(first, signal.SIGKILL)
    _until(lambda: supervisor.pid not in (None, first))
    supervisor.wait_ready(10)
    assert told == ["thing ended with signal SIGKILL, starting it again"]
    assert not psutil.pid_exists(first)


def test_a_crash_that_is_held_down_waits_for_start(keep: Supervise, told: list[str]) -> None:
    supervisor = keep(FOREVER)
    supervisor.wait_ready(10)
    supervisor.kill(revive=False)
    assert supervisor.pid is None
    supervisor.start()
    supervisor.wait_ready(10)
    assert told == []


def test_stopped_it_stays_down(keep: Supervise) -> None:
    supervisor = keep(FOREVER)
    supervisor.wait_ready(10)
    pid = _pid(supervisor)
    supervisor.stop()
    assert supervisor.pid is None
    assert not psutil.pid_exists(pid)


def test_deaf_to_its_stop_signal_it_is_killed_after_its_grace(keep: Supervise) -> None:
    supervisor = keep(DEAF, grace=0.3)
    supervisor.wait_ready(10)
    began = time.monotonic()
    supervisor.stop()
    assert 0.3 <= time.monotonic() - began < 3


def test_force_does_not_wait_for_the_grace(keep: Supervise) -> None:
    supervisor = keep(DEAF, grace=60)
    supervisor.wait_ready(10)
    force = threading.Event()
    force.set()
    began = time.monotonic()
    supervisor.stop(force)
    assert time.monotonic() - began < 3


def test_its_own_children_go_with_it(keep: Supervise, tmp_path: Path) -> None:
    child = tmp_path / "child"
    supervisor = keep(
        "import subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(child)!r}, 'w').write(str(child.pid)); {FOREVER}"
    )
    supervisor.wait_ready(10)
    supervisor.kill(revive=False)
    grandchild = int(child.read_text())
    _until(lambda: not _lives(grandchild))


def test_having_served_it_is_started_again_until_what_it_needs_is_there(
    keep: Supervise, tmp_path: Path
) -> None:
    needed = tmp_path / "needed"
    needed.touch()
    supervisor = keep(
        f"import pathlib, sys; pathlib.Path({str(needed)!r}).exists() or sys.exit(1); {FOREVER}"
    )
    supervisor.wait_ready(10)
    supervisor.stop()
    needed.unlink()
    (tmp_path / "thing.log").write_text("")
    supervisor.start()
    time.sleep(0.5)
    needed.touch()
    supervisor.wait_ready(10)


def test_a_failure_to_start_shows_the_end_of_the_log(keep: Supervise) -> None:
    supervisor = keep("import sys; print('the reason', flush=True); sys.exit(3)", probe=lambda _pid: False)
    with pytest.raises(ProgramFailed, match=r"(?s)thing ended with exit code 3.*the reason"):
        supervisor.wait_ready(10)


def test_not_serving_in_time_is_a_failure_too(keep: Supervise) -> None:
    supervisor = keep(FOREVER, probe=lambda _pid: False)
    with pytest.raises(ProgramFailed, match=r"does not serve after 0\.3 s"):
        supervisor.wait_ready(0.3)


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _until(condition: Callable[[], bool], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
