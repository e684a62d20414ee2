"""Admits requests: the body is in before anything is done, and no more are worked on at once than get an answer in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.request_context import context_of

BODY_WITHIN_SECONDS = 20.0
AT_ONCE = 12
"""The requests that one process works on at once. A write takes some tens of milliseconds of one core's time."""
QUEUED_SECONDS = 1.0
"""A request waits so long for its turn, and is then refused: well before its stamp is too old to be recorded (G3)."""
RETRY_AFTER_SECONDS = 1
_ALWAYS = ("/healthz", "/readyz", "/static/")
_LONG = "/v1/test-clocks/"
"""An advance waits for a whole store. It takes nobody's turn."""


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
        if scope["path"].startswith((*_ALWAYS, _LONG)):
            await self._app(scope, replayed, send)
            return
        await self._wait()
        try:
            await self._app(scope, replayed, send)
        finally:
            self._turns.release()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(QUEUED_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(RETRY_AFTER_SECONDS)}
            ) from None


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
