"""Sandbox stores for tests: a pool of copies of each store file, and a copy spoken to by HTTP."""

from __future__ import annotations

import time
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from jalon.local.storefolder import copy_store, copy_texts
from tests.support.plain import PLAIN

COPIES: Mapping[str, int] = {
    "fastening": 90,
    "geomatics": 45,
    "drafting": 25,
    "lifecycle": 20,
    "prepaid": 6,
    "rapid": 8,
}
"""How many copies of each store the tests of one process may take. Every copy is read at each start of each program."""
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
SETTLES_WITHIN = 120.0


class PoolEmpty(Exception):
    """More tests took a copy of a store than there are copies."""


@dataclass
class StorePool:
    """Store files in one folder; each copy is taken once."""

    folder: Path
    _left: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def stock(cls, folder: Path, sources: Sequence[Path], copies: Mapping[str, int] = COPIES) -> StorePool:
        """So many copies of each store named ("fastening-01"…), on test clocks at EARLIEST.

        A live store stays live: what it is here for is its real time.
        """
        pool = cls(folder)
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
                pool._left[file.stem] = ids[::-1]
        return pool

    def take(self, name: str) -> str:
        """The id of a copy of that store which no one used. Raises ShelfEmpty."""
        if not self._left.get(name):
            raise PoolEmpty(f"no unused copy of {name!r} is left: raise COPIES")
        return self._left[name].pop()


def _is_live(file: Path) -> bool:
    return bool(tomllib.loads(file.read_text())["store"].get("clock") == "live")


class SandboxStore:
    """One sandbox store: `id`, an HTTP client per role, and its test clock."""

    def __init__(self, store_id: str, api_url: str, keys: Mapping[str, str]) -> None:
        self.id = store_id
        self._api_url = api_url
        self._keys = keys
        self._clients: dict[str, httpx.Client] = {}

    def client(self, role: str = "storefront") -> httpx.Client:
        """A client that signs in as this role; paths begin with /v1."""
        if role not in self._clients:
            headers = {"Authorization": f"Bearer {self._keys[role]}"}
            self._clients[role] = httpx.Client(
                base_url=self._api_url, headers=headers, timeout=60, verify=PLAIN
            )
        return self._clients[role]

    def get(self, path: str, role: str = "storefront", **query: Any) -> httpx.Response:
        """GET as this role."""
        return self.client(role).get(path, params=query)

    def post(
        self, path: str, body: Mapping[str, Any], role: str = "storefront", key: str | None = None
    ) -> httpx.Response:
        """POST as this role under an idempotency key, a new one unless given."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.client(role).post(path, json=dict(body), headers=headers)

    def patch(
        self, path: str, body: Mapping[str, Any], role: str = "storefront", key: str | None = None
    ) -> httpx.Response:
        """PATCH as this role under an idempotency key, a new one unless given."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.client(role).patch(path, json=dict(body), headers=headers)

    def advance(self, *, to: str | datetime | None = None, by: str | None = None) -> Any:
        """Move the test clock to an instant or by a duration; the settled answer, with its events."""
        target = to.isoformat() if isinstance(to, datetime) else to
        body = {"to": target} if target is not None else {"by": by}
        answer = self.post(f"/v1/test-clocks/{self.id}/advance", body, role="admin")
        deadline = time.monotonic() + SETTLES_WITHIN
        while answer.status_code == HTTPStatus.ACCEPTED:
            assert time.monotonic() < deadline, f"the clock did not settle: {answer.text}"
            time.sleep(0.2)
            answer = self.get(answer.headers["Location"], role="admin")
        assert answer.is_success, answer.text
        return answer.json()

    def close(self) -> None:
        """Let go of the connections."""
        for client in self._clients.values():
            client.close()
