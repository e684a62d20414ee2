"""Signs the heads of all audit chains once an hour, so that an entry taken from the end of a chain is missed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jalon.integrations.audit_heads import HeadsFile, HeadsUnusable
from jalon.persistence.operations import audits
from jalon.persistence.sessions import Sessions

log = structlog.get_logger("jalon.relay")

EVERY = timedelta(hours=1)
LONGEST_TRANSACTION = timedelta(hours=1)
"""An entry becomes visible with its transaction, which may end after a line was signed: the next line looks back this far."""
CHECK_SECONDS = 60.0


class HeadKeeper:
    """Adds the heads of these stores' chains to the file, whichever relay is the first of those that share it."""

    def __init__(self, sessions: Sessions, stores: Sequence[str], file: HeadsFile) -> None:
        self._sessions = sessions
        self._stores = tuple(stores)
        self._file = file

    async def run(self) -> None:
        """Signs until cancelled."""
        while True:
            try:
                await self.sign_if_due(datetime.now(UTC))
            except (SQLAlchemyError, OSError, HeadsUnusable) as fault:
                log.error("audit_heads_not_signed", fault=f"{type(fault).__name__}: {fault}"[:200])  # noqa: TRY400
            await asyncio.sleep(CHECK_SECONDS)

    async def sign_if_due(self, now: datetime) -> bool:
        """Adds a line where the last one is an hour old at `now` (UTC), or none is there. Returns whether it did.

        Raises HeadsUnusable where the last line is not of this key, SQLAlchemyError and OSError.
        """
        with self._file.open() as file:
            if file is None or (file.last is not None and now - file.last.at < EVERY):
                return False
            since = None if file.last is None else file.last.at - LONGEST_TRANSACTION
            async with self._sessions.of(*self._stores) as tx:
                moved = await audits.heads(tx, since)
            known = {} if file.last is None else file.last.heads
            fresh = {chain: head for chain, head in moved.items() if known.get(chain) != head}
            await asyncio.to_thread(file.append, now, fresh)
        log.info("audit_heads_signed", chains=len(fresh))
        return True
