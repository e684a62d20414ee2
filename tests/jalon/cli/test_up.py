"""`jalon up`: everything serves, and Ctrl-C leaves nothing. test_machine kills what it starts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from jalon.local.machine import EVERYTHING
from jalon.local.ports import HOST, is_free
from tests.support.plain import PLAIN

ROOT = Path(__file__).resolve().parents[3]
SERVES_WITHIN = 100.0

pytestmark = pytest.mark.timeout(300)


class Up:
    """A running `jalon up` and what it has printed so far."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._said = folder.with_suffix(".out")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
        command = [
            sys.executable,
            "-m",
            "jalon.cli.main",
            "up",
            "--data",
            str(folder),
            "--stores",
            str(ROOT / "stores"),
        ]
        with self._said.open("w") as output:
            self.process = subprocess.Popen(
                [*command, *arguments],
                cwd=ROOT,
                env={**environment, "COLUMNS": "160"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    def serves(self) -> None:
        deadline = time.monotonic() + SERVES_WITHIN
        while "Ctrl-C stops everything" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    started: list[Up] = []

    def start(*arguments: str) -> Up:
        started.append(Up(tmp_path / "data", *arguments))
        started[-1].serves()
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            one.process.wait(60)


def _processes(data: Path) -> dict[str, int]:
    record: dict[str, dict[str, float]] = json.loads((data / "processes.json").read_text())
    return {name: int(entry["pid"]) for name, entry in record.items()}


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_it_serves_and_ctrl_c_leaves_nothing(up: Callable[..., Up], tmp_path: Path) -> None:
    """Another program uses the requested port."""
    data = tmp_path / "data"
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        served = up("--port", str(taken))
    told = re.search(rf"port {taken} for api is taken, using (\d+)", served.said)
    assert told is not None
    assert httpx.get(f"http://{HOST}:{told[1]}/readyz", verify=PLAIN).status_code == 200
    assert json.loads((data / "addresses.json").read_text())["api"] == f"http://{HOST}:{told[1]}"
    keys = json.loads((data / "keys.json").read_text())
    assert all(token in served.said for token in keys.values())
    pids = _processes(data)
    assert set(pids) == set(EVERYTHING)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert served.said.rstrip().endswith("nothing is left running")
    assert not any(map(_lives, pids.values()))
    ports = json.loads((data / "ports.json").read_text())
    assert [(name, port) for name, port in ports.items() if not is_free(port)] == []
    assert not (data / "lock").exists()
