"""Sandbox stores for tests: a pool of copies of each store file, and a copy used through HTTP."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx

from jalon.client.calls import Call
from jalon.client.conversation import Manner
from jalon.client.stores import advance_clock
from jalon.client.sync import Client
from jalon.local.storefolder import copy_store, copy_texts

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = "optics"
"""The example store of stores/README.md, for which there is no code."""
COPIES: Mapping[str, int] = {
    "fastening": 244,
    "geomatics": 124,
    "drafting": 104,
    "lifecycle": 72,
    "offered": 16,
    "overseas": 24,
    "prepaid": 6,
    "rapid": 8,
    EXAMPLE: 1,
}
"""How many copies of each store the tests of a run may take. Every copy is read at each start of each program."""
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
SETTLES_WITHIN = 120.0


def write_example(folder: Path) -> Path:
    """Writes the example store into a new folder. Returns the folder."""
    page = (ROOT / "stores" / "README.md").read_text()
    example = re.search(r"```toml\n(schema_version = 1\n.*?)```", page, re.DOTALL)
    assert example
    folder.mkdir()
    (folder / f"{EXAMPLE}.toml").write_text(example[1])
    return folder


class PoolEmpty(Exception):
    """More tests took a copy of a store than there are copies."""


@dataclass(frozen=True)
class StorePool:
    """Store files in `folder`; each copy is taken once, whichever process takes it."""

    folder: Path

    @classmethod
    def stock(cls, folder: Path, sources: Sequence[Path], copies: Mapping[str, int] = COPIES) -> StorePool:
        """Writes this many copies of each named store ("fastening-01"…), on test clocks at EARLIEST.

        A copy of a live store stays live, since its tests need real time.
        """
        pool = cls(folder)
        pool._taken.mkdir()
        folder.mkdir()
        for source in sources:
            if source.exists():
                copy_texts(source, folder)
            for file in sorted(each for each in source.glob("*.toml") if each.stem in copies):
                live = _is_live(file)
                ids = [f"{file.stem}-{number:02}" for number in range(1, copies[file.stem] + 1)]
                for store_id in ids:
                    if live:
                        copy_store(file, folder, store_id=store_id)
                    else:
                        copy_store(file, folder, store_id=store_id, clock="test", starts_at=EARLIEST)
        return pool

    def take(self, name: str) -> str:
        """The id of an unused copy of that store. Raises PoolEmpty."""
        for file in sorted(self.folder.glob(f"{name}-*.toml")):
            with suppress(FileExistsError):
                (self._taken / file.stem).touch(exist_ok=False)
                return file.stem
        raise PoolEmpty(f"no unused copy of {name!r} is left: raise COPIES")

    @property
    def _taken(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-taken")


def files_of(served: Path, ids: Sequence[str], folder: Path) -> Path:
    """Copies the files of these stores, of hundreds that a machine serves, into the folder. Returns the folder."""
    copy_texts(served, folder)
    for store_id in ids:
        shutil.copy(served / f"{store_id}.toml", folder)
    return folder


def _is_live(file: Path) -> bool:
    return bool(tomllib.loads(file.read_text())["store"].get("clock") == "live")


class SandboxStore:
    """One sandbox store: `id`, an HTTP client per role, and its test clock. Every response passes the `judges`, which raise."""

    judges: ClassVar[list[Callable[[httpx.Response], None]]] = []

    def __init__(self, store_id: str, api_url: str, keys: Mapping[str, str]) -> None:
        self.id = store_id
        self._api_url = api_url
        self._keys = keys
        self._clients: dict[str, Client] = {}

    def api(self, role: str = "storefront") -> Client:
        """The API, signed in as this role."""
        if role not in self._clients:
            client = Client(self._api_url, self._keys[role], Manner(SETTLES_WITHIN))
            client.http.event_hooks = {"response": list(self.judges)}
            self._clients[role] = client
        return self._clients[role]

    def client(self, role: str = "storefront") -> httpx.Client:
        """The connection of this role without a client, for invalid requests; paths begin with /v1."""
        return self.api(role).http

    def get(self, path: str, role: str = "storefront", **query: Any) -> httpx.Response:
        """GET as this role."""
        return self.client(role).get(path, params=query)

    def post(
        self, path: str, body: Mapping[str, Any], role: str = "storefront", key: str | None = None
    ) -> httpx.Response:
        """POST once as this role under an idempotency key, a new one unless given."""
        return self.api(role).try_once(Call("POST", path, body, key=key))

    def patch(
        self, path: str, body: Mapping[str, Any], role: str = "storefront", key: str | None = None
    ) -> httpx.Response:
        """PATCH once as this role under an idempotency key, a new one unless given."""
        return self.api(role).try_once(Call("PATCH", path, body, key=key))

    def advance(self, *, to: str | datetime | None = None, by: str | None = None) -> Any:
        """Move the test clock to an instant or by a duration; the settled answer, with its events."""
        return self.api("admin").send(advance_clock(self.id, to=to, by=by))

    def close(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            client.close()
