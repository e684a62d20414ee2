"""The files of the pages, such as their style sheet."""

from __future__ import annotations

from fastapi.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send


class WholeFiles(StaticFiles):
    """Files that are answered whole. A range of them is of use to nobody, and one out of bounds would be refused without words."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request as if it asked for no range."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)
