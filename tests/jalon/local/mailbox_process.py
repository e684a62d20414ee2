"""The mailbox as its own process, for tests that talk to it over real SMTP and HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from jalon.local.ports import HOST, free_port
from tests.support.plain import PLAIN

ROOT = Path(__file__).parents[3]


class MailboxProcess:
    """A mailbox process. `start` waits until it answers; the ports and the file are the same on every start."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.smtp_port = free_port()
        self.http_port = free_port(frozenset({self.smtp_port}))
        self.http = httpx.Client(base_url=f"http://{HOST}:{self.http_port}", timeout=5, verify=PLAIN)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> MailboxProcess:
        ports = ("--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jalon.local.mailbox", *ports, "--data", str(self.data)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        give_up = time.monotonic() + 60
        while not self._serves():
            if time.monotonic() > give_up:
                raise TimeoutError("the mailbox does not answer")
            time.sleep(0.01)
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stops the process with a signal. Returns the exit status."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(timeout=10)

    def messages(self, **wanted: str | int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/api/messages", params=wanted).json()["messages"]
        return found

    def read(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/api/messages/{number}").json()
        return found

    def fail(self, kind: str, count: int = 1, to: str = "") -> None:
        body = {"kind": kind, "count": count, "to": to}
        self.http.post("/_control/faults", json=body).raise_for_status()

    def _serves(self) -> bool:
        try:
            return self.http.get("/healthz").is_success
        except httpx.TransportError:
            return False
