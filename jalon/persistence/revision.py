"""What people and programs read: from PostgreSQL's projections, never from Temporal."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_REVISION = text("select version_num from alembic_version")


async def revision(tx: AsyncConnection) -> str:
    """The revision that the database's schema is at."""
    found: str = (await tx.execute(_REVISION)).scalar_one()
    return found
