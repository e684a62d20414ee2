"""Records on disk which processes a machine started. The next machine in the same folder ends those that survived a kill."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import threading
import time
from pathlib import Path
from types import TracebackType

import psutil

from jalon.domain.explained import Explained

# The kernel sends its stop signal to a process that lost its supervisor; this is the time it gets to end, in seconds.
LEAVES_BY_ITSELF_WITHIN = 5.0
KILLED_WITHIN = 5.0
SAME_START_WITHIN = 2.0


class FolderInUse(Explained):
    """Another machine uses this data folder."""


class FolderLock:
    """Locks a data folder for one machine. The kernel releases the lock when the process that holds it ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._descriptor: int | None = None

    def __enter__(self) -> FolderLock:
        """Take the lock. Raises FolderInUse naming the process that holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode() or "unknown"
            os.close(descriptor)
            raise FolderInUse(
                f"{self._path.parent} is in use by process {holder}: stop it, or name another folder"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Releases the lock and removes its file."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


class ProcessRegistry:
    """The file `processes.json`: name → pid and start (seconds since 1970). Safe for use by any thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "processes.json"
        self._lock = threading.Lock()

    def add(self, name: str, pid: int) -> None:
        """Records a process that was just started. A process that has already ended is not recorded."""
        with self._lock, contextlib.suppress(psutil.NoSuchProcess):
            self._write({**self._read(), name: {"pid": pid, "started": psutil.Process(pid).create_time()}})

    def remove(self, name: str) -> None:
        """Removes a process that ended."""
        with self._lock:
            left = {known: entry for known, entry in self._read().items() if known != name}
            self._write(left)

    def end_leftovers(self) -> list[str]:
        """Ends the processes that an earlier machine left running; returns their names. A pid that was reused is left alone."""
        with self._lock:
            left = {
                name: process for name, entry in self._read().items() if (process := _still_running(entry))
            }
            psutil.wait_procs(list(left.values()), timeout=LEAVES_BY_ITSELF_WITHIN)
            for process in left.values():
                kill_group(process.pid)
            psutil.wait_procs(list(left.values()), timeout=KILLED_WITHIN)
            self._path.unlink(missing_ok=True)
        return sorted(left)

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            entries: dict[str, dict[str, float]] = json.loads(self._path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return entries

    def _write(self, entries: dict[str, dict[str, float]]) -> None:
        if not entries:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(entries))
        fresh.replace(self._path)


def _still_running(entry: dict[str, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(entry["pid"]))
        started = process.create_time()
        zombie = process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if not zombie and abs(started - entry["started"]) < SAME_START_WITHIN else None


def kill_group(pid: int) -> None:
    """Sends SIGKILL to the process and to every process in its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def group_is_gone(pid: int, within: float) -> bool:
    """Whether every process of the group has ended, waiting up to `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
