"""The revision of the database's schema, and the newest that this release knows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_REVISION = text("select version_num from alembic_version")


async def revision(tx: AsyncConnection) -> str:
    """The revision that the database's schema is at."""
    found: str = (await tx.execute(_REVISION)).scalar_one()
    return found


@cache
def newest() -> str:
    """The newest revision that this release knows, read from the migrations' file names without loading Alembic."""
    return max(file.stem for file in _VERSIONS.glob("*.py"))
