"""Keeps one program running: reports when it serves, restarts it when it dies, and ends it on request."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from jalon.domain.explained import Explained
from jalon.local.process_registry import ProcessRegistry, group_is_gone, kill_group
from jalon.local.programs import Program, launch

PROBE_EVERY = 0.05
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
SETTLED_AFTER = 30.0
LOG_TAIL = 25


class ProgramFailed(Explained):
    """A program ended before it served, or did not serve in time. The text holds the last lines of its log."""

    def __init__(self, name: str, why: str, log: Path) -> None:
        self.name = name
        lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:] if log.exists() else []
        super().__init__("\n".join([f"{name} {why}; the end of {log}:", *(f"  {line}" for line in lines)]))


class Supervisor:
    """Runs one program from a thread of its own, on whose end the kernel signals the program.

    A program that has never served is given up when it ends, because its settings are wrong. A program that has served is restarted
    however often it ends, also after `stop` and `start`. A server that it depends on may still be starting.
    """

    def __init__(
        self, program: Program, logs: Path, registry: ProcessRegistry, report: Callable[[str], None]
    ) -> None:
        self.program = program
        self._log = logs / f"{program.name}.log"
        self._registry = registry
        self._report = report
        self._wanted = threading.Event()
        self._ready = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._has_served = False

    @property
    def pid(self) -> int | None:
        """The pid of the running process; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Begins to keep the program running and returns at once. A second call has no effect."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._failure = None
        self._wanted.set()
        self._thread = threading.Thread(target=self._keep, name=f"keep-{self.program.name}", daemon=True)
        self._thread.start()

    def wait_ready(self, within: float) -> None:
        """Returns once the program serves. Raises ProgramFailed when it ended first, or did not serve `within` so many seconds."""
        deadline = time.monotonic() + within
        while not self._ready.wait(PROBE_EVERY):
            if self._failure is not None:
                raise self._failure
            if time.monotonic() > deadline:
                raise ProgramFailed(self.program.name, f"does not serve after {within:g} s", self._log)

    def kill(self, *, revive: bool = True) -> None:
        """Sends SIGKILL, as a crash would. The program is restarted, without `revive` only by `start`."""
        if not revive:
            self._wanted.clear()
        self._ready.clear()
        self._signal(signal.SIGKILL)
        if not revive and self._thread is not None:
            self._thread.join()

    def stop(self, force: threading.Event | None = None) -> None:
        """Ends the program permanently: its stop signal, then SIGKILL after its grace period or when `force` is set."""
        self._wanted.clear()
        deadline = time.monotonic() + self.program.grace
        asked: int | None = None
        while self._thread is not None and self._thread.is_alive():
            if self.pid != asked:
                asked = self.pid
                self._signal(self.program.stop_signal)
            if time.monotonic() > deadline or (force is not None and force.is_set()):
                self._signal(signal.SIGKILL)
            self._thread.join(PROBE_EVERY)

    def _signal(self, number: signal.Signals) -> None:
        if (pid := self.pid) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _keep(self) -> None:
        failures = 0
        while self._wanted.is_set():
            began = time.monotonic()
            try:
                code = self._live_once()
            except Exception as error:  # noqa: BLE001 — the thread that waits for it raises it
                self._failure = error
                return
            if not self._wanted.is_set():
                return
            if not self._has_served:
                self._failure = ProgramFailed(self.program.name, f"ended with {_named(code)}", self._log)
                return
            failures = 0 if time.monotonic() - began > SETTLED_AFTER else failures + 1
            self._report(f"{self.program.name} ended with {_named(code)}, starting it again")
            self._pause(PAUSES[min(failures, len(PAUSES)) - 1] if failures else PAUSES[0])

    def _live_once(self) -> int:
        if self.program.before_start is not None:
            self.program.before_start()
        process = launch(self.program, self._log)
        self._process = process
        self._registry.add(self.program.name, process.pid)
        try:
            while process.poll() is None and not self.program.probe(process.pid):
                time.sleep(PROBE_EVERY)
            if process.poll() is None:
                self._has_served = True
                self._ready.set()
            code = process.wait()
        finally:
            self._ready.clear()
            kill_group(process.pid)
            group_is_gone(process.pid, within=1.0)
            self._registry.remove(self.program.name)
        return code

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._wanted.is_set() and time.monotonic() < deadline:
            time.sleep(PROBE_EVERY)


def _named(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
