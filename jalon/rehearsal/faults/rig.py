"""The machine under test, and the kills and faults it undergoes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from jalon.local import servers
from jalon.local.machine import Machine
from jalon.local.ports import free_ports
from jalon.local.programs import launch
from jalon.rehearsal.faults.gathering import Addresses

ROOT = Path(__file__).resolve().parents[3]
STORES = Path(__file__).with_name("stores")
UP_WITHIN = 90.0
FAULTY_WORKER = "jalon.rehearsal.faults.faulty_worker"


def machine_in(folder: Path) -> Machine:
    """A machine that serves the stores of the faults, on ports that a usual machine does not use."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ports.json").write_text(json.dumps(free_ports()))
    return Machine(folder, STORES)


@dataclass
class Rig:
    """A running machine. All instants are monotonic: `blows` are those of the kills, `healed_at` is the end of the last fault."""

    machine: Machine
    store: str
    troubled_at: float = 0.0
    blows: list[float] = field(default_factory=list)
    healed_at: float = 0.0
    say: Callable[[str], None] = lambda _line: None
    _own_worker: subprocess.Popen[bytes] | None = None

    @property
    def addresses(self) -> Addresses:
        """The addresses where the evidence is gathered."""
        urls = self.machine.urls
        return Addresses(self.machine.environment, urls["payments"], urls["mailbox"], self.store)

    def note_trouble(self) -> None:
        """Records that every order stands at its stage and the faults begin."""
        self.troubled_at = time.monotonic()

    def note_blow(self) -> None:
        """Records a kill or fault."""
        self.blows.append(time.monotonic())

    def note_healed(self) -> None:
        """Records that everything serves again."""
        self.healed_at = time.monotonic()

    async def kill(self, *names: str, revive: bool = True) -> None:
        """Kills with -9. The supervisor starts the program again, unless `revive` is False."""
        self.note_blow()
        await asyncio.gather(*(asyncio.to_thread(self.machine.kill, name, revive=revive) for name in names))

    async def start(self, *names: str) -> None:
        """Starts programs that were killed without revival; returns when they serve."""
        for name in names:
            await asyncio.to_thread(self.machine.start, name)
        self.note_healed()

    async def ready(self, *names: str) -> None:
        """Returns when the programs (all, when none is named) serve again."""
        await asyncio.to_thread(self.machine.wait_ready, *names)
        self.note_healed()

    async def ask_gateway(self, **fault: object) -> None:
        """Requests a fault of the payment sandbox."""
        await _order(f"{self.machine.urls['payments']}/_control/faults", fault)

    async def gateway_faults(self) -> list[dict[str, Any]]:
        """The faults of the payment sandbox, each with its `hits`."""
        async with httpx.AsyncClient(timeout=10) as http:
            answer = await http.get(f"{self.machine.urls['payments']}/_control/faults")
            found: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
            return found

    async def ask_mailbox(self, **fault: object) -> None:
        """Requests a fault of the mailbox."""
        await _order(f"{self.machine.urls['mailbox']}/_control/faults", fault)

    async def mend_gateway(self) -> None:
        """Removes every fault of the payment sandbox."""
        await _mend(f"{self.machine.urls['payments']}/_control/faults")

    async def mend_mailbox(self) -> None:
        """Removes every fault of the mailbox."""
        await _mend(f"{self.machine.urls['mailbox']}/_control/faults")

    async def replace_worker(self, *faults: str) -> None:
        """Replaces the worker by one with these faults, or by the product's own; returns when it serves."""
        if self._own_worker is None:
            await asyncio.to_thread(self.machine.stop, "worker")
        else:
            self._own_worker.terminate()
            await asyncio.to_thread(self._own_worker.wait)
            self._own_worker = None
        if not faults:
            await asyncio.to_thread(self.machine.start, "worker")
            return
        usual = servers.worker(self.machine.environment)
        faulty = replace(usual, command=(sys.executable, "-m", FAULTY_WORKER, *faults))
        self._own_worker = launch(faulty, self.machine.data_dir / "logs" / "faulty-worker.log")
        while not await asyncio.to_thread(usual.probe, self._own_worker.pid):  # noqa: ASYNC110 — Temporal tells nobody
            await asyncio.sleep(0.2)

    def close(self) -> None:
        """Stops the worker that replaced the machine's, and the machine."""
        if self._own_worker is not None:
            self._own_worker.terminate()
            self._own_worker.wait()
        self.machine.close()


async def _mend(url: str) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        (await http.delete(url)).raise_for_status()


async def _order(url: str, fault: dict[str, object]) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        (await http.post(url, json=fault)).raise_for_status()


class Apart:
    """`jalon up` in a process of its own, so that its supervisor can be killed too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        command = (
            sys.executable,
            "-m",
            "jalon.cli.main",
            "up",
            "--data",
            str(folder),
            "--stores",
            str(STORES),
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (folder / "up.log").open("wb") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603 — our own command line
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    async def served(self) -> None:
        """Returns when everything serves. Raises TimeoutError."""
        async with asyncio.timeout(UP_WITHIN):
            while not (self._folder / "addresses.json").exists():  # noqa: ASYNC110 — another process writes it
                await asyncio.sleep(0.1)

    @property
    def api(self) -> str:
        """The address of the API."""
        urls: dict[str, str] = json.loads((self._folder / "addresses.json").read_text())
        return urls["api"]

    @property
    def key(self) -> str:
        """The storefront's key."""
        keys: dict[str, str] = json.loads((self._folder / "keys.json").read_text())
        return keys["storefront"]

    def kill_everything(self) -> None:
        """Kills the supervisor and every process it keeps with -9, all at once."""
        kept = json.loads((self._folder / "processes.json").read_text())
        for pid in (self._supervisor.pid, *(int(entry["pid"]) for entry in kept.values())):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._supervisor.wait()

    def close(self) -> None:
        """Ends it gracefully, if it still runs."""
        if self._supervisor.poll() is None:
            self._supervisor.terminate()
            self._supervisor.wait()
