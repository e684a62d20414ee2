"""The stream that tells an open page of an entity that it changed. The page then asks for its parts again, as anybody would."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from api.http.resources import resources_of
from api.web.console.calling import ask
from api.web.console.staff import Staff, staff_of
from api.web.console.watching import Watch, Watcher, changes
from jalon.client import support
from jalon.persistence.entities.marks import marks
from jalon.persistence.operations.keys import EVERY_STORE

routes = APIRouter(prefix="/console", include_in_schema=False)
LASTS_SECONDS = 600.0
"""After so long a stream ends, and the browser opens another one, if whoever looks may still look."""
BEAT_SECONDS = 5.0
"""So often the stream sees whether the session has ended."""
CHANGED = "changed"


def watcher_of(request: Request) -> Watcher:
    """The watcher of this process."""
    app = request.app
    if getattr(app.state, "watcher", None) is None:
        app.state.watcher = Watcher(lambda: app.state.resources.sessions)
    watcher: Watcher = app.state.watcher
    return watcher


async def mark_of(request: Request, staff: Staff, entity: str) -> str:
    """The present mark of an entity; empty where the session sees none."""
    resources = resources_of(request)
    stores = resources.policies if EVERY_STORE in staff.key.stores else staff.key.stores
    async with resources.sessions.of(*stores) as tx:
        return (await marks(tx, [entity])).get(entity, "")


@routes.get("/live/{entity}")
async def follow(request: Request, entity: str) -> Response:
    """A stream of events `changed`, from the mark `seen` on."""
    staff = await staff_of(request)
    shown = await ask(request, staff, support.overview(entity))
    watch = Watch(entity, shown["store"], request.query_params.get("seen", ""))

    async def events() -> AsyncIterator[dict[str, str]]:
        ends_at = time.monotonic() + LASTS_SECONDS
        with watcher_of(request).watching(watch):
            async for mark in changes(watch, BEAT_SECONDS):
                held = await request.app.state.keyring.find(staff.token)
                if held is None or time.monotonic() >= ends_at:
                    return
                if mark is not None:
                    yield {"event": CHANGED, "data": mark}

    return EventSourceResponse(events(), ping=20)
