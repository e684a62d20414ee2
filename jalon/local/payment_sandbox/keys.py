"""Idempotency keys: the same key and body return the stored answer, until the gateway forgets the key."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jalon.local.payment_sandbox.book import Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `replayed`: it was first given to an earlier request with the same key."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Stores keys for `ttl` seconds of real time, whatever clock the callers use."""

    ttl: float

    def stored(self, tx: sqlite3.Connection, key: str, fingerprint: str) -> Answer | None:
        """The answer to replay, or None for a new or forgotten key. Raises Refusal for another body or a request still open."""
        known = tx.execute("select * from answered_key where key = ?", (key,)).fetchone()
        if known is None or known["real_time"] + self.ttl <= time.time():
            return None
        if known["fingerprint"] != fingerprint:
            raise Refusal("idempotency_key_reused", "this key was used with another request", 422)
        if known["status"] is None:
            raise Refusal("idempotency_key_in_progress", "the first request with this key is still open", 409)
        return Answer(known["status"], json.loads(known["body"]), replayed=True)

    def claim(self, tx: sqlite3.Connection, key: str, fingerprint: str) -> None:
        """Records that a request with this key is being worked on."""
        self._put(tx, key, fingerprint, None)

    def store(self, tx: sqlite3.Connection, key: str, fingerprint: str, answer: Answer) -> None:
        """Stores the answer for the next request with the key."""
        self._put(tx, key, fingerprint, answer)

    def forget(self, tx: sqlite3.Connection, key: str | None) -> int:
        """Forgets one key, or all keys with None. Returns how many."""
        if key is None:
            return tx.execute("delete from answered_key where status is not null").rowcount
        return tx.execute("delete from answered_key where key = ? and status is not null", (key,)).rowcount

    def _put(self, tx: sqlite3.Connection, key: str, fingerprint: str, answer: Answer | None) -> None:
        tx.execute(
            "insert or replace into answered_key (key, fingerprint, status, body, real_time)"
            " values (?, ?, ?, ?, ?)",
            (
                key,
                fingerprint,
                answer.status if answer else None,
                json.dumps(answer.body) if answer else None,
                time.time(),
            ),
        )


def fingerprint_of(path: str, body: Mapping[str, Any]) -> str:
    """The fingerprint of a request: path and body, whatever the order of its members. The instant does not count."""
    return hashlib.sha256(f"{path}\n{json.dumps(body, sort_keys=True)}".encode()).hexdigest()
