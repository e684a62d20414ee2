"""The console's pages of orders and subscriptions, asked of the API over HTTP: how long the server takes for one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import psutil

from jalon.client import operations
from jalon.client.sync import Client
from jalon.domain.kinds.kind import Kind
from jalon.local.machine import Machine
from jalon.rehearsal.bench.searches.customers import STORES

LIMIT_MS = 100.0
WARMING = 5
MASTER = b"made-up people are no secret: 32"
PERSON_KEYS = f"bench:{base64.b64encode(MASTER).decode()}"
"""The ring of the one key that seals the people of this measurement, for programs that read them."""
_STORE = Path(__file__).parents[1] / "stores" / "bench.toml"


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a kind. `times` are milliseconds at the client, `processor` those that the API and the database worked meanwhile."""

    name: str
    times: tuple[float, ...]
    processor: tuple[float, ...]


def write_stores(folder: Path) -> None:
    """Writes a file for each store of the measurement, as the API needs one to serve it."""
    policy = _STORE.read_text(encoding="utf-8")
    for number, store in enumerate(STORES):
        named = policy.replace('id = "bench"', f'id = "{store}"').replace('"BEN"', f'"SE{chr(65 + number)}"')
        (folder / f"{store}.toml").write_text(named, encoding="utf-8")


def ask_pages(machine: Machine, kind: Kind[Any], entities: Sequence[str]) -> Pages:
    """The times of the pages of these entities of a kind, without the first WARMING. Raises httpx.HTTPStatusError where one is missing."""
    with _signed_in(machine) as browser:
        worked = _worked_by(machine)
        times, processor = [], []
        for entity in entities:
            before, began = worked(), perf_counter()
            browser.get(f"/console/{kind.plural}/{entity}").raise_for_status()
            times.append((perf_counter() - began) * 1000)
            processor.append(worked() - before)
    return Pages(kind.name, tuple(times[WARMING:]), tuple(processor[WARMING:]))


@contextmanager
def _signed_in(machine: Machine) -> Iterator[httpx.Client]:
    """A browser in which the local member of support is signed in at the console."""
    with Client(machine.urls["api"], machine.keys["support"]) as client:
        link = client.send(operations.sign_in_link())["url"]
    with httpx.Client(base_url=machine.urls["api"], timeout=60) as browser:
        browser.post(httpx.URL(str(link)).path)
        yield browser


def _worked_by(machine: Machine) -> Callable[[], float]:
    """What tells the milliseconds that a processor worked for the API and for PostgreSQL with its backends until now."""
    programs = [psutil.Process(machine.pids[name]) for name in ("api", "postgres")]

    def worked() -> float:
        every = [each for program in programs for each in (program, *program.children())]
        return sum(sum(each.cpu_times()[:2]) for each in every if each.is_running()) * 1000

    return worked
