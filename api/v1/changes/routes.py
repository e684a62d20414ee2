"""Tells that an order or a subscription changed: what whoever looks at it asks again and again, and is answered once it did."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.http.answers import Answer
from api.http.dependencies import Searcher, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.v1.changes.watching import Watch, Watcher
from api.v1.lists import Words
from api.v1.responses import READ
from jalon.domain.kinds import KINDS, ORDER
from jalon.persistence.entities.marks import marks

routes = APIRouter(prefix="/v1/support/changes", tags=["support"], route_class=StrictRoute)
LONGEST_SECONDS = 20

Seen = Annotated[
    Words | None, Query(max_length=4000, description="The mark of the overview or of the answer before.")
]
Wait = Annotated[
    int, Query(ge=0, le=LONGEST_SECONDS, description="So many seconds the answer may wait for a change.")
]


class Change(Answer):
    """The present mark of an entity, and whether it is another than `seen`."""

    entity: str
    mark: str
    changed: bool


def watcher_of(request: Request) -> Watcher:
    """The watcher of this process."""
    app = request.app
    if getattr(app.state, "watcher", None) is None:
        app.state.watcher = Watcher(lambda: app.state.resources.sessions)
    watcher: Watcher = app.state.watcher
    return watcher


@routes.get("/{entity_id}", responses=READ)
async def await_change(
    request: Request,
    entity_id: str,
    caller: Searcher,
    resources: TheResources,
    seen: Seen = None,
    wait: Wait = 0,
) -> Change:
    """The mark of an order or a subscription, which changes with everything that is told of it and of its family.

    With `seen` and `wait` the answer waits until the mark is another one, or the seconds are over.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        found = (await marks(tx, [entity_id])).get(entity_id)
    if found is None:
        raise not_found(f"No {(KINDS.of_id(entity_id) or ORDER).name}")
    if seen is None or found.mark != seen or wait == 0:
        return Change(entity=entity_id, mark=found.mark, changed=seen is not None and found.mark != seen)
    watch = Watch(entity_id, found.store, seen)
    with watcher_of(request).watching(watch):
        try:
            async with asyncio.timeout(wait):
                await watch.changed.wait()
        except TimeoutError:
            return Change(entity=entity_id, mark=seen, changed=False)
    return Change(entity=entity_id, mark=watch.seen, changed=True)
