"""The payment sandbox as its own process, for tests that talk to it over real HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from jalon.local.ports import free_port
from tests.support.plain import PLAIN

ROOT = Path(__file__).parents[3]
WEBHOOK_SECRET = "whsec_c2FuZGJveCByZWhlYXJzYWwgc2VjcmV0"


class SandboxProcess:
    """A sandbox process. `start` waits until it answers; the port and the ledger are the same on every start."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=self.url, timeout=5, verify=PLAIN)

    def start(self) -> SandboxProcess:
        self._process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "jalon.local.payment_sandbox", "--port", str(self.port), "--data", str(self.data)),
                *self._options,
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self.wait_until_open()
        return self

    def wait_until_open(self, seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while not self.is_open():
            if time.monotonic() > give_up:
                raise TimeoutError(f"the payment sandbox does not answer on {self.url}")
            time.sleep(0.01)

    def is_open(self) -> bool:
        try:
            return self._http.get("/healthz", timeout=1).is_success
        except httpx.TransportError:
            return False

    def processor_seconds(self) -> float:
        """The processor seconds used so far, which other programs on the machine do not affect."""
        assert self._process is not None
        used = psutil.Process(self._process.pid).cpu_times()
        return float(used.user + used.system)

    def stop(self) -> int:
        """Sends SIGTERM. Returns the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Sends SIGKILL. Returns the exit code."""
        return self._end(signal.SIGKILL)

    def close(self) -> None:
        if self._process is not None:
            self.kill()
        self._http.close()

    def fault(self, kind: str, **options: Any) -> dict[str, Any]:
        return self._json("POST", "/_control/faults", {"kind": kind, **options})

    def faults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", "/_control/faults")["data"]
        return found

    def clear_faults(self) -> None:
        self._http.delete("/_control/faults").raise_for_status()

    def expire_keys(self, key: str | None = None) -> int:
        return int(self._json("POST", "/_control/expire-keys", {"key": key})["expired"])

    def send_webhooks(self, url: str | None, **options: Any) -> None:
        self._json("PUT", "/_control/webhooks", {"url": url, "secret": WEBHOOK_SECRET, **options})

    def outstanding(self, **metadata: str) -> int:
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        return int(self._json("GET", "/_control/webhooks", query=query)["outstanding"])

    def captures(self, **metadata: str) -> list[dict[str, Any]]:
        """The captured charges with that metadata, oldest first."""
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        found = self._json("GET", "/v1/charges", query={"status": "succeeded", "limit": "1000", **query})
        data: list[dict[str, Any]] = found["data"]
        return data

    def _json(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        response = self._http.request(method, path, json=body, params=query)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(10)
        self._process = None
        return code
