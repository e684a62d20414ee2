"""The surroundings of a store in a test: instants, waiting for facts, answers, the payment sandbox and the mailbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)
PATIENCE = 30.0
ADDRESS = {"lines": ["1 rue de la Paix", "75002 Paris"], "country": "FR"}
SIGNER = {"name": "Ana Lefèvre", "title": "Gérante", "authorised": True}

Fact = TypeVar("Fact")


def at(text: str) -> datetime:
    """An instant; without an offset it is Paris wall time, as in "2026-04-15 23:59:59"."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=PARIS)


def instant(text: str | None) -> datetime | None:
    """An instant in an answer, in UTC, or None."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def eventually(look: Callable[[], Fact | None], what: str, within: float = PATIENCE) -> Fact:
    """The value of `look` once it is neither None nor False. Fails after `within` seconds."""
    began = time.monotonic()
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        waited = time.monotonic() - began
        assert waited < within, f"{what}: not within {within:g} s"
        # A look costs the API several milliseconds: what has taken long is looked for less often.
        time.sleep(min(0.05 + waited / 10, 0.5))


def turns(what: str, most: int = 50) -> Iterator[int]:
    """Counts the turns of a loop that ends by itself. Fails after `most` of them, and says what did not come about."""
    yield from range(most)
    raise AssertionError(f"{what}: not after {most} turns")


@dataclass(frozen=True)
class Answer:
    """An answer of the API."""

    status: int
    body: dict[str, Any]
    text: str

    @classmethod
    def of(cls, response: httpx.Response) -> Answer:
        kind = response.headers.get("content-type", "")
        return cls(response.status_code, response.json() if "json" in kind else {}, response.text)

    @property
    def ok(self) -> dict[str, Any]:
        """The body of a success."""
        assert self.status in (200, 201), f"{self.status}: {self.text[:800]}"
        return self.body

    @property
    def pending(self) -> str:
        """The address of the outcome of a write that was answered 202."""
        assert self.status == 202, f"{self.status}: {self.text[:800]}"
        return str(self.body["status_url"])

    @property
    def refused(self) -> tuple[int, str, str | None]:
        """Status, code and rule of a refusal. Checks that the refusal names a remedy."""
        assert 400 <= self.status < 500, f"{self.status}: {self.text[:800]}"
        assert self.body["reference"]
        assert self.body["support"]
        return self.status, self.body["code"], self.body["rule"]

    @property
    def codes(self) -> set[str]:
        """The codes of all violations."""
        return {violation["code"] for violation in self.body["violations"]}


@dataclass
class Bank:
    """The payment sandbox, as the customer's bank and through its controls."""

    http: httpx.Client

    def charges(self, **metadata: str) -> list[dict[str, Any]]:
        """Charges with this metadata in any state, oldest first."""
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        found = self.http.get("/v1/charges", params={"limit": "1000", **query})
        data: list[dict[str, Any]] = found.json()["data"]
        return data

    def captures(self, **metadata: str) -> list[dict[str, Any]]:
        """Captured charges with this metadata, oldest first."""
        return [charge for charge in self.charges(**metadata) if charge["status"] == "succeeded"]

    def mandates(self, **metadata: str) -> list[dict[str, Any]]:
        """Mandates with this metadata, oldest first."""
        query = {f"metadata[{name}]": value for name, value in metadata.items()}
        data: list[dict[str, Any]] = self.http.get("/v1/mandates", params=query).json()["data"]
        return data

    def fault(self, kind: str, **options: Any) -> None:
        """Requests a fault; see docs/payments-sandbox.md."""
        self.http.post("/_control/faults", json={"kind": kind, **options}).raise_for_status()

    def clear_faults(self) -> None:
        """Removes every fault."""
        self.http.delete("/_control/faults").raise_for_status()

    def decide(self, url: str, decision: str) -> httpx.Response:
        """Approves or denies a confirmation on the bank's page."""
        return self.http.post(url, data={"decision": decision}, follow_redirects=False)


@dataclass
class Mailbox:
    """The mailbox that receives all e-mails."""

    http: httpx.Client

    def messages(self, **wanted: str | int) -> list[dict[str, Any]]:
        """E-mails in short form, oldest first; filters: to, template, subject."""
        found: list[dict[str, Any]] = self.http.get("/api/messages", params=wanted).json()["messages"]
        return found

    def read(self, number: int) -> dict[str, Any]:
        """One whole e-mail."""
        whole: dict[str, Any] = self.http.get(f"/api/messages/{number}").json()
        return whole

    def fail(self, kind: str, to: str, count: int = 1) -> None:
        """Makes the next e-mails to this address fail."""
        self.http.post("/_control/faults", json={"kind": kind, "to": to, "count": count}).raise_for_status()

    def mend(self) -> None:
        """Removes every failure."""
        self.http.delete("/_control/faults").raise_for_status()
