"""One program of the machine: its command, its readiness probe, and a launch that ends with its supervisor."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

Probe = Callable[[int], bool]
"""Returns whether the program with this process id serves."""


def always_ready(_pid: int) -> bool:
    """The probe of a program that counts as ready as soon as it runs."""
    return True


@dataclass(frozen=True, slots=True)
class Program:
    """A server that is kept running.

    `before_start` is called before every start and removes what an earlier run left. `stop_signal` requests a clean end; SIGKILL follows
    after `grace` seconds. `launcher` holds options of setpriv, for a program that refuses to run as root.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path | None = None
    probe: Probe = always_ready
    before_start: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0
    launcher: tuple[str, ...] = ()


@cache
def _setpriv() -> str | None:
    return shutil.which("setpriv")


def launch(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Starts the program in a session of its own, with its output appended to `log`.

    The kernel sends the program its stop signal when the calling *thread* ends, however it ends. So the caller must be the thread that
    supervises it.
    """
    command = program.command
    setpriv = _setpriv()
    if setpriv is not None:
        signal_name = program.stop_signal.name.removeprefix("SIG")
        command = (setpriv, *program.launcher, "--pdeathsig", signal_name, "--", *command)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            env={**_inherited(), **program.environment},
            cwd=program.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _inherited() -> dict[str, str]:
    # A program gets the settings of the machine and no others.
    return {name: value for name, value in os.environ.items() if not name.startswith("JALON_")}
