"""The stream that tells an open page of an entity that it changed. The page then asks for its parts again, as anybody would."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.staff import staff_of
from jalon.client import support
from jalon.client.errors import ApiError

routes = APIRouter(prefix="/console", include_in_schema=False)
LASTS_SECONDS = 600.0
"""After so long a stream ends, and the browser opens another one, if whoever looks may still look."""
BEAT_SECONDS = 5
"""So often the stream asks anew, and sees whether the session has ended."""
CHANGED = "changed"


@routes.get("/live/{entity}")
async def follow(request: Request, entity: str) -> Response:
    """A stream of events `changed`, from the mark `seen` on."""
    staff = await staff_of(request)
    mark = request.query_params.get("seen", "")
    await ask(request, staff, support.await_change(entity))

    async def events() -> AsyncIterator[dict[str, str]]:
        seen, ends_at = mark, time.monotonic() + LASTS_SECONDS
        while time.monotonic() < ends_at:
            try:
                told = await ask(request, staff, support.await_change(entity, seen, BEAT_SECONDS))
            except ApiError:
                return
            if told["changed"]:
                seen = told["mark"]
                yield {"event": CHANGED, "data": seen}

    return EventSourceResponse(events(), ping=20)
