"""The clock of a live store in memory; the model of `jalon.persistence.operations.clocks`."""

from __future__ import annotations

from datetime import datetime

from jalon.rehearsal.sim.modelled.database import Transaction


async def clock_now(tx: Transaction, store: str) -> datetime:
    """The database's own instant."""
    return tx.db.now()
