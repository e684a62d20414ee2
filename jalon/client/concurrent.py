"""The client for asynchronous programs."""

from __future__ import annotations

import asyncio
from typing import Any, Self, TypeVar, cast

import httpx

from jalon.client.calls import Call
from jalon.client.conversation import Answer, Conversation, Manner, Pause, Reply, ask, follow, settle
from jalon.client.sync import TIMEOUT_SECONDS, authorized, request_of, trust

T = TypeVar("T")
Found = TypeVar("Found")

CONNECT_SECONDS = 2.0
CONNECTIONS = httpx.Limits(max_connections=200, max_keepalive_connections=50)


class AsyncClient:
    """The API at `url` under one key, for any number of tasks. With a `transport` of its own it asks there."""

    def __init__(
        self,
        url: str,
        key: str,
        manner: Manner | None = None,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        within = httpx.Timeout(timeout, connect=CONNECT_SECONDS)
        self.http = httpx.AsyncClient(
            base_url=url,
            headers=authorized(key),
            timeout=within,
            limits=CONNECTIONS,
            verify=trust(url),
            transport=transport,
        )
        self._manner = manner or Manner()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self.http.aclose()

    async def send(self, call: Call[T]) -> T:
        """The answer; waits for the outcome of a deferred write. Raises ApiError, NotAnswered."""
        return cast(T, await self._carry_out(settle(call, self._manner)))

    async def ask(self, call: Call[Any]) -> Answer:
        """The first answer, which may be a 202. Raises ApiError, NotAnswered."""
        return await self._carry_out(ask(call, self._manner))

    async def follow(self, answer: Answer) -> dict[str, Any]:
        """The outcome of a deferred write. Raises ApiError, NotAnswered."""
        return await self._carry_out(follow(answer, self._manner))

    async def try_once(self, call: Call[Any]) -> httpx.Response:
        """One attempt and its response, problems included. Raises httpx.TransportError."""
        return await self.http.send(request_of(self.http, call.keyed()))

    async def _carry_out(self, conversation: Conversation[Found]) -> Found:
        reply: Reply = None
        while True:
            try:
                turn = conversation.send(reply)
            except StopIteration as over:
                return cast(Found, over.value)
            reply = None
            if isinstance(turn, Pause):
                await asyncio.sleep(turn.seconds)
                continue
            try:
                reply = await self.http.send(request_of(self.http, turn))
            except httpx.TransportError as fault:
                reply = fault
