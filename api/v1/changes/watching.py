"""Watches the entities of which somebody awaits a change: one query a second for all of them, while there are any."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jalon.persistence.entities.marks import marks
from jalon.persistence.sessions import Sessions

log = structlog.get_logger("jalon.api")
EVERY_SECONDS = 1.0


@dataclass(eq=False)
class Watch:
    """Somebody who waits: for which entity, of which store, and the mark that they have seen."""

    entity: str
    store: str
    seen: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Watcher:
    """Tells whoever waits when the entity has another mark than they have seen."""

    def __init__(self, sessions: Callable[[], Sessions]) -> None:
        self._sessions = sessions
        self._open: set[Watch] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self, watch: Watch) -> Iterator[Watch]:
        """Looks after the entity while the block runs."""
        self._open.add(watch)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            yield watch
        finally:
            self._open.discard(watch)

    async def _look(self) -> None:
        while self._open:
            try:
                await self._compare()
            except (SQLAlchemyError, OSError) as fault:
                # The next look finds what changed meanwhile.
                log.warning("watch_failed", fault=type(fault).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def _compare(self) -> None:
        watched = tuple(self._open)
        stores = {each.store for each in watched}
        async with self._sessions().of(*stores) as tx:
            found = await marks(tx, list({each.entity for each in watched}))
        for each in watched:
            marked = found.get(each.entity)
            if marked is not None and marked.mark != each.seen:
                each.seen = marked.mark
                each.changed.set()
