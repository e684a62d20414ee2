"""The listening socket of the process. It can be closed for a while, so that connections are refused."""

from __future__ import annotations

import asyncio
import contextlib
import time

import uvicorn
from fastapi import FastAPI

_GRACE_SECONDS = 1
# Longer than callers keep an idle connection, so that the caller closes it and never the server.
_KEEP_ALIVE_SECONDS = 75


class Listener:
    """Serves an application on one address until stopped, with outages on request."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._server: uvicorn.Server | None = None
        self._closed_until = 0.0
        self._stopped = asyncio.Event()

    def close_for(self, seconds: float) -> None:
        """Answers the open requests, then refuses connections for `seconds`."""
        self._closed_until = time.monotonic() + seconds
        self._leave()

    def stop(self) -> None:
        """Answers the open requests, then makes `serve` return."""
        self._stopped.set()
        self._leave()

    async def serve(self) -> None:
        """Serves until stopped."""
        while not self._stopped.is_set():
            self._server = uvicorn.Server(self._config())
            await self._server.serve()
            outage = self._closed_until - time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, outage)):
                    await self._stopped.wait()

    def _leave(self) -> None:
        if self._server is not None:
            self._server.should_exit = True

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            host=self._host,
            port=self._port,
            lifespan="off",
            access_log=False,
            log_level="error",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
