"""The course of one call without I/O: what is sent, how long is waited, and when the call ends.

A conversation yields a `Call` to send or a `Pause` to make, and receives the reply to what it sent. `Client` and `AsyncClient` carry
conversations out, so both repeat, wait and follow by the same rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar

import httpx

from jalon.client.calls import Call
from jalon.client.errors import ApiError, NotAnswered, object_of
from jalon.domain.error_codes import ErrorCode

FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.1, 2.0, 1.6
UNSETTLED = {ErrorCode.CLOCK_ADVANCING, ErrorCode.NOT_YET_OPEN, ErrorCode.REQUEST_IN_PROGRESS}
"""Temporary refusals: the same request is accepted a little later."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds in which nothing is sent."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt at a call, for observers. `reply` is the answer or the transport error; `again`: the call is repeated."""

    call: Call[Any]
    reply: httpx.Response | httpx.TransportError
    again: bool


@dataclass(frozen=True, slots=True)
class Manner:
    """The waits of a caller, in seconds.

    `patience` is how long a call is repeated, and how long a recorded write is followed. `wait_at_most` limits the waits that the API
    requests, for callers who measure.
    """

    patience: float = 60.0
    wait_at_most: float = 30.0
    observe: Callable[[Exchange], None] = lambda _exchange: None


@dataclass(frozen=True, slots=True)
class Answer:
    """A success. `key` is the idempotency key of the write; `retry_after` is in seconds."""

    status: int
    body: dict[str, Any]
    key: str | None
    location: str | None
    retry_after: float | None

    @property
    def is_deferred(self) -> bool:
        """Whether the write is recorded and its outcome is not known yet."""
        return self.status == HTTPStatus.ACCEPTED


Reply: TypeAlias = httpx.Response | httpx.TransportError | None
Found = TypeVar("Found")
Conversation: TypeAlias = Generator[Call[Any] | Pause, Reply, Found]


def ask(call: Call[Any], manner: Manner) -> Conversation[Answer]:
    """Sends the call until it is answered. Raises ApiError, NotAnswered."""
    call = call.keyed()
    give_up_at, pause = time.monotonic() + manner.patience, FIRST_PAUSE
    while True:
        reply = yield call
        assert reply is not None  # noqa: S101 (what carries this out gives a reply to each call)
        again = _is_to_be_repeated(reply)
        left = give_up_at - time.monotonic()
        manner.observe(Exchange(call, reply, again and left > 0))
        if isinstance(reply, httpx.Response) and not again:
            return _accepted(call, reply)
        if left <= 0:
            raise NotAnswered(f"{_named(call)}: {_said(reply)}, for {manner.patience:g} s", key=call.key)
        wait = _retry_after(reply) if isinstance(reply, httpx.Response) else None
        yield Pause(min(wait or pause, manner.wait_at_most, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)


def settle(call: Call[Any], manner: Manner) -> Conversation[dict[str, Any]]:
    """The body of the answer, that of a deferred write once it is settled. Raises ApiError, NotAnswered."""
    answer = yield from ask(call, manner)
    return (yield from follow(answer, manner)) if call.writes and answer.is_deferred else answer.body


def follow(answer: Answer, manner: Manner) -> Conversation[dict[str, Any]]:
    """Asks for a deferred write until it is settled.

    Returns the order or subscription as it then stands, with the command's `result`; of a test clock, the clock. Raises ApiError
    where the write is refused, NotAnswered.
    """
    url = answer.body.get("status_url") or answer.location
    if url is None:
        raise NotAnswered("the write is deferred, and the answer does not say where to ask", key=answer.key)
    give_up_at, pause = time.monotonic() + manner.patience, FIRST_PAUSE
    while True:
        found = yield from ask(Call[Any]("GET", url), manner)
        state = found.body.get("state") if "status_url" in answer.body else None
        if state == "refused":
            raise ApiError.of_request(f"GET {url}", found.body)
        if state == "applied":
            entity = yield from ask(Call[Any]("GET", found.body["url"]), manner)
            return entity.body | {"result": found.body["result"]}
        if state is None and not found.is_deferred:
            return found.body
        left = give_up_at - time.monotonic()
        if left <= 0:
            said = f"recorded and not settled after {manner.patience:g} s: ask for {url}"
            raise NotAnswered(said, key=answer.key, status_url=url)
        yield Pause(min(found.retry_after or pause, manner.wait_at_most, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)


def _is_to_be_repeated(reply: httpx.Response | httpx.TransportError) -> bool:
    """Whether the call is to be repeated. A write carries its key, so repeating it does nothing twice."""
    if isinstance(reply, httpx.TransportError):
        return True
    if (
        reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        or reply.status_code == HTTPStatus.TOO_MANY_REQUESTS
    ):
        return True
    return reply.status_code == HTTPStatus.CONFLICT and object_of(reply).get("code") in UNSETTLED


def _accepted(call: Call[Any], response: httpx.Response) -> Answer:
    if not response.is_success:
        raise ApiError.of(_named(call), response)
    return Answer(
        response.status_code,
        object_of(response),
        call.key,
        response.headers.get("location"),
        _retry_after(response),
    )


def _retry_after(response: httpx.Response) -> float | None:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else None


def _named(call: Call[Any]) -> str:
    return f"{call.method} {call.path}"


def _said(reply: httpx.Response | httpx.TransportError) -> str:
    if isinstance(reply, httpx.TransportError):
        return f"{type(reply).__name__} {reply}".rstrip()
    return str(ApiError.of("", reply)).removeprefix(": ")
