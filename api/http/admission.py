"""Admits requests: the body is in before anything is done, and no more are worked on at once than get an answer in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.request_context import context_of

BODY_WITHIN_SECONDS = 20.0
AT_ONCE = 12
"""The requests that one process works on at once. A write takes some tens of milliseconds of one core's time."""
HELD_SECONDS = 2.0
"""The longest that a request counts among them. Who takes longer waits for an engine that is away, and holds nobody up: in an outage a
write is recorded all the same, and answered 202 once its patience is over. Under load a write takes less than this.
"""
QUEUED_SECONDS = 1.0
"""A request waits so long for its turn, and is then refused: well before its stamp is too old to be recorded (G3)."""
RETRY_AFTER_SECONDS = 1
_ALWAYS = ("/healthz", "/readyz", "/static/", "/console")
"""What takes nobody's turn. A page of the console asks the API in this process, and those requests take theirs: a page that held one
while it waits for another could wait for itself.
"""
_LONG = ("/v1/test-clocks/", "/v1/support/changes/")
"""An advance waits for a whole store, and who awaits a change may wait long. They take nobody's turn."""


class AdmissionMiddleware:
    """Reads the body, takes the instant of receipt, and gives each request its turn.

    Raises HTTPException 408 for a body that does not come and 503 where no turn came; nothing was done then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Whoever shows no key gets the answer that says so, whatever else would come.
        body = b"" if _lacks_key(scope) else await _whole(receive)
        context_of(scope).complete()
        replayed = _replay(body, receive)
        if scope["path"].startswith((*_ALWAYS, *_LONG)):
            await self._app(scope, replayed, send)
            return
        async with _turn(self._turns):
            await self._app(scope, replayed, send)


@asynccontextmanager
async def _turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """A turn, given back after HELD_SECONDS at the latest. Raises HTTPException 503 where none came in time."""
    try:
        async with asyncio.timeout(QUEUED_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
        ) from None
    held = _Held(turns)
    at_the_latest = asyncio.get_running_loop().call_later(HELD_SECONDS, held.give_back)
    try:
        yield
    finally:
        at_the_latest.cancel()
        held.give_back()


class _Held:
    """A turn that was taken, and is given back once."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._is_held = True

    def give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._turns.release()


def _lacks_key(scope: Scope) -> bool:
    named = any(name == b"authorization" for name, _ in scope["headers"])
    path = scope["path"]
    return path.startswith("/v1/") and not path.startswith("/v1/provider-webhooks/") and not named


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HTTPException(HTTPStatus.BAD_REQUEST)
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"}) from None
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Gives the body once, and then whatever the server says, such as that the client is gone."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
