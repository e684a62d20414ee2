"""Records a heartbeat of this API process every few seconds. A silence of all processes is an outage (G7)."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket

import structlog
from psycopg import Error as DatabaseFault
from sqlalchemy.exc import SQLAlchemyError

from jalon.persistence.operations import outages
from jalon.persistence.sessions import Sessions

log = structlog.get_logger("jalon.api")

BEAT_SECONDS = 15.0


def process_name() -> str:
    """A process name that no other process has or had."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


async def keep_beating(sessions: Sessions, name: str) -> None:
    """Sends heartbeats until cancelled. The first process after a silence of all records the silence as an outage."""
    while True:
        try:
            async with sessions.unscoped() as tx:
                silent = await outages.beat(tx, name)
            if silent:
                log.warning("outage_noticed", process=name)
        except (SQLAlchemyError, DatabaseFault, OSError) as fault:
            log.warning("heartbeat_missed", process=name, fault=type(fault).__name__)
        await asyncio.sleep(BEAT_SECONDS)
