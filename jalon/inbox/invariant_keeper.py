"""Checks the invariants every minute. Of several relays one checks at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from jalon.persistence.operations import invariant_checks
from jalon.persistence.operations.invariant_checks import Violation
from jalon.persistence.operations.invariants import INVARIANTS, Invariant
from jalon.persistence.sessions import Sessions

log = structlog.get_logger("jalon.relay")

CHECK_SECONDS = 60.0
BREATH_SECONDS = 0.02
"""The shortest pause between two statements. A pause is as long as the statement before it, which leaves half of the database to others."""

TOLD_AT_MOST = 20
"""The violations that one statement writes into the log one by one."""


class InvariantKeeper:
    """Checks the invariants of these stores, and logs each violation once."""

    def __init__(self, sessions: Sessions, stores: Sequence[str]) -> None:
        self._sessions = sessions
        self._stores = tuple(stores)

    async def run(self) -> None:
        """Checks until cancelled."""
        while True:
            try:
                await self.check()
            except SQLAlchemyError as fault:
                log.warning("invariants_not_checked", fault=type(fault).__name__)
            await asyncio.sleep(CHECK_SECONDS)

    async def check(self) -> bool:
        """Checks what changed lately and the next slice of the book. False where another relay is at it. Raises SQLAlchemyError."""
        began = time.monotonic()
        async with self._sessions.unscoped() as turn:
            if not await invariant_checks.take_turn(turn):
                return False
            after = await invariant_checks.place(turn)
            async with self._sessions.of(*self._stores) as tx:
                recent = await invariant_checks.changed(tx)
                slice_ = await invariant_checks.next_slice(tx, after)
            every = sorted({*recent, *slice_.ids})
            for invariant in INVARIANTS:
                await self._check(invariant, recent if invariant.recent else every)
            await invariant_checks.note_progress(turn, slice_.upto)
        log.debug("invariants_checked", entities=len(every), seconds=round(time.monotonic() - began, 2))
        return True

    async def _check(self, invariant: Invariant, ids: Sequence[str]) -> None:
        for part in [()] if invariant.whole else invariant_checks.parts(ids):
            began = time.monotonic()
            async with self._sessions.of(*self._stores) as tx:
                found = await invariant_checks.check(tx, invariant, part)
            for violation in found[:TOLD_AT_MOST]:
                _tell(invariant, violation)
            if len(found) > TOLD_AT_MOST:
                log.error("invariant_violations", invariant=invariant.name, more=len(found) - TOLD_AT_MOST)
            await asyncio.sleep(max(BREATH_SECONDS, time.monotonic() - began))


def _tell(invariant: Invariant, violation: Violation) -> None:
    log.error(
        "invariant_violated",
        invariant=invariant.name,
        severity=invariant.severity,
        store=violation.store,
        entity=violation.entity,
        subject=violation.subject,
    )
