"""A caller of the API: it repeats a request under the same key until it is answered, and records every acknowledgement."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self, TypeVar

from jalon.client.calls import Call
from jalon.client.concurrent import AsyncClient
from jalon.client.conversation import Answer, Exchange, Manner
from jalon.client.errors import ApiError, NotAnswered
from jalon.rehearsal.faults.observations import Acknowledgement

POLL_SECONDS = 0.4
TIMEOUT_SECONDS = 20.0

Seen = TypeVar("Seen", bound=Mapping[str, Any])


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch of monotonic time in which a caller waited for the API."""

    since: float
    until: float
    what: str


@dataclass
class Storefront:
    """Many callers with one key. `move_to` sets the address; `patience` is the number of seconds that a caller keeps trying."""

    patience: float
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    repeated: int = 0
    _clients: list[AsyncClient] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in self._clients:
            await client.aclose()

    def move_to(self, api: str, key: str) -> None:
        """Calls another address with another key from now on."""
        manner = Manner(self.patience, wait_at_most=POLL_SECONDS, observe=self._count)
        self._clients.append(AsyncClient(api, key, manner, TIMEOUT_SECONDS))

    async def write(self, move: str, call: Call[Any], *, entity: str = "") -> Mapping[str, Any]:
        """Sends a write and follows a 202 to its end. Returns the entity. Raises ApiError, NotAnswered."""
        since = time.monotonic()
        answer = await self.send(move, call, entity=entity)
        body = await self.follow(answer) if answer.is_deferred else answer.body
        self.waited(since, f"{move} {call.path}")
        return body

    def waited(self, since: float, what: str) -> None:
        """Records that a caller waited from `since` (monotonic) until now."""
        self.waits.append(Wait(since, time.monotonic(), what))

    async def send(self, move: str, call: Call[Any], *, entity: str = "") -> Answer:
        """Sends a write until it is answered, and records the acknowledgement. Raises ApiError, NotAnswered."""
        answer = await self._client.ask(call)
        known = entity or str(answer.body.get("order") or answer.body.get("id"))
        self.acknowledgements.append(Acknowledgement(str(answer.key), move, known, answer.status))
        return answer

    async def follow(self, answer: Answer) -> Mapping[str, Any]:
        """The outcome of a write that was answered 202. Raises ApiError, NotAnswered."""
        return await self._client.follow(answer)

    async def read(self, reading: Call[Seen]) -> Seen | None:
        """The present entity; None while there is none. Raises ApiError, NotAnswered."""
        try:
            return await self._client.send(reading)
        except ApiError as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    async def until(self, reading: Call[Seen], *statuses: str) -> Seen:
        """Reads until the status is one of these. Raises ApiError, NotAnswered."""
        since = time.monotonic()
        while time.monotonic() - since < self.patience:
            view = await self.read(reading)
            if view is not None and view["status"] in statuses:
                self.waited(since, f"{statuses[0]} {reading.path}")
                return view
            await asyncio.sleep(POLL_SECONDS)
        said = f"{reading.path} did not become {' or '.join(statuses)} within {self.patience:g} s"
        raise NotAnswered(said)

    @property
    def _client(self) -> AsyncClient:
        return self._clients[-1]

    def _count(self, exchange: Exchange) -> None:
        self.repeated += exchange.again
