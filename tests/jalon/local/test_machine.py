"""However a machine ends, the next one in its folder finds all data and no process or lock in its way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from jalon.local.machine import ENGINES, Machine
from jalon.local.ports import free_ports, is_free
from jalon.local.process_registry import FolderInUse

ROOT = Path(__file__).resolve().parents[3]
SUPERVISOR = """
import json, signal, sys, threading
from pathlib import Path
from jalon.local.machine import ENGINES, Machine
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that runs in the background was told to ignore it
folder, ports = Path(sys.argv[1]), json.loads(sys.argv[2])
with Machine(folder, folder, ports=ports, programs=ENGINES) as machine:
    (folder / "up").write_text(json.dumps(machine.pids))
    threading.Event().wait()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    ports = json.dumps(free_ports())
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        (tmp_path / "up").unlink(missing_ok=True)
        command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), ports]
        process = subprocess.Popen(
            command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
        )
        started.append(process)
        _until(lambda: (tmp_path / "up").exists() or process.poll() is not None, within=60)
        assert process.poll() is None
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def _pids(folder: Path) -> dict[str, int]:
    _until(lambda: (folder / "up").read_text() != "")
    pids: dict[str, int] = json.loads((folder / "up").read_text())
    return pids


def test_it_leaves_no_process_no_port_and_no_lock(tmp_path: Path) -> None:
    with Machine(tmp_path, tmp_path, ports=free_ports(), programs=ENGINES) as machine:
        pids = machine.pids
        assert set(pids) == set(ENGINES)
        served = {name: machine.ports[name] for name in ("postgres", "temporal", "temporal_ui")}
        assert [name for name, port in served.items() if is_free(port)] == []
    assert not any(map(_lives, pids.values()))
    assert [(name, port) for name, port in served.items() if not is_free(port)] == []
    assert not (tmp_path / "lock").exists()
    assert not (tmp_path / "processes.json").exists()


def test_a_second_machine_in_the_folder_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with Machine(tmp_path, tmp_path, ports=free_ports(), programs=ENGINES) as machine:
        before = machine.pids
        with pytest.raises(FolderInUse), Machine(tmp_path, tmp_path, ports=free_ports(), programs=ENGINES):
            pass
        assert machine.pids == before


def test_it_stops_on_sigint(tmp_path: Path, supervisor: Callable[[], subprocess.Popen[bytes]]) -> None:
    process = supervisor()
    pids = _pids(tmp_path)
    process.send_signal(signal.SIGINT)
    process.wait(20)
    assert not any(map(_lives, pids.values()))


def test_killed_alone_its_engines_stop_by_themselves(
    tmp_path: Path, supervisor: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = supervisor()
    pids = _pids(tmp_path)
    process.kill()
    process.wait()
    _until(lambda: not any(map(_lives, pids.values())))


def test_after_a_kill_of_everything_the_next_one_finds_the_data(
    tmp_path: Path, supervisor: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = supervisor()
    with Reader(tmp_path) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    for pid in (process.pid, *_pids(tmp_path).values()):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    supervisor()
    with Reader(tmp_path) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_engines_named_by_settings_are_not_started(tmp_path: Path) -> None:
    given = {"JALON_DATABASE_URL": "postgresql://u:p@db/x", "JALON_TEMPORAL_ADDRESS": "temporal:7233"}
    with Machine(tmp_path, tmp_path, ports=free_ports(), programs=ENGINES, given=given) as machine:
        assert machine.pids == {}
        assert machine.environment["JALON_TEMPORAL_ADDRESS"] == "temporal:7233"


class Reader:
    """A connection as the owner to the database of a machine run by another process."""

    def __init__(self, folder: Path) -> None:
        secrets = json.loads((folder / "secrets.json").read_text())
        port = json.loads((folder / "ports.json").read_text())["postgres"]
        self._url = f"postgresql://jalon_owner:{secrets['owner_password']}@127.0.0.1:{port}/jalon"

    def __enter__(self) -> psycopg.Connection:
        self._connection = psycopg.connect(self._url, autocommit=True)
        return self._connection

    def __exit__(self, *_error: object) -> None:
        self._connection.close()


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _until(condition: Callable[[], bool], within: float = 15.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)
