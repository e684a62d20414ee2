"""The files of the pages, such as their style sheet."""

from __future__ import annotations

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

KEPT_SECONDS = 600
"""A browser asks for a file again after so long, and hears in a line that it is the same."""


class WholeFiles(StaticFiles):
    """Files that are answered whole. A range of them is of use to nobody, and one out of bounds would be refused without words."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request as if it asked for no range."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]

        async def keeping(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
            await send(message)

        await super().__call__({**scope, "headers": headers}, receive, keeping)
