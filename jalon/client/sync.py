"""The client for synchronous programs."""

from __future__ import annotations

import ssl
import time
from typing import Any, Self, TypeVar, cast

import httpx

from jalon.client.calls import Call
from jalon.client.conversation import Answer, Conversation, Manner, Pause, Reply, ask, follow, settle

T = TypeVar("T")
Found = TypeVar("Found")

TIMEOUT_SECONDS = 40.0
"""Longer than the API waits for a test clock."""


class Client:
    """The API at `url` under one key. One instance serves one thread."""

    def __init__(self, url: str, key: str, manner: Manner | None = None) -> None:
        self.http = httpx.Client(
            base_url=url, headers=authorized(key), timeout=TIMEOUT_SECONDS, verify=trust(url)
        )
        self._manner = manner or Manner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    def send(self, call: Call[T]) -> T:
        """The answer; waits for the outcome of a deferred write. Raises ApiError, NotAnswered."""
        return cast(T, self._carry_out(settle(call, self._manner)))

    def ask(self, call: Call[Any]) -> Answer:
        """The first answer, which may be a 202. Raises ApiError, NotAnswered."""
        return self._carry_out(ask(call, self._manner))

    def follow(self, answer: Answer) -> dict[str, Any]:
        """The outcome of a deferred write. Raises ApiError, NotAnswered."""
        return self._carry_out(follow(answer, self._manner))

    def try_once(self, call: Call[Any]) -> httpx.Response:
        """One attempt and its response, problems included. Raises httpx.TransportError."""
        return self.http.send(request_of(self.http, call.keyed()))

    def _carry_out(self, conversation: Conversation[Found]) -> Found:
        reply: Reply = None
        while True:
            try:
                turn = conversation.send(reply)
            except StopIteration as over:
                return cast(Found, over.value)
            reply = None
            if isinstance(turn, Pause):
                time.sleep(turn.seconds)
                continue
            try:
                reply = self.http.send(request_of(self.http, turn))
            except httpx.TransportError as fault:
                reply = fault


def trust(url: str) -> ssl.SSLContext | bool:
    """The trust of a connection. Without TLS it loads no certificates, since loading the system's takes long."""
    return True if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def authorized(key: str) -> dict[str, str]:
    """The header that authenticates with a key."""
    return {"Authorization": f"Bearer {key}"}


def request_of(http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
    """The HTTP request of the call."""
    headers = {"Idempotency-Key": call.key} if call.key else {}
    body = None if call.body is None else dict(call.body)
    return http.build_request(call.method, call.path, params=dict(call.query), json=body, headers=headers)
