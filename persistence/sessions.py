"""Transactions: the only place that commits, and the place that names the stores a transaction may see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

_SCOPE = text("select set_config('app.stores', :stores, true)")


class Sessions:
    """Opens transactions on the application's unprivileged role.

    Row-level security shows a transaction only the stores it was opened for; a store id never holds a comma.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    def connect(cls, url: str, *, pool_size: int = 10) -> Sessions:
        """A pool of at most `pool_size` connections to `url` (postgresql+psycopg://…)."""
        return cls(
            create_async_engine(
                url,
                pool_size=pool_size,
                max_overflow=0,
                pool_timeout=10,
                pool_pre_ping=False,
                hide_parameters=True,
                pool_recycle=1800,
                connect_args={"connect_timeout": 3, "options": "-c statement_timeout=10000"},
            )
        )

    @asynccontextmanager
    async def of(self, *stores: str) -> AsyncIterator[AsyncConnection]:
        """One transaction that sees `stores`; commits when the block ends, rolls back when it raises."""
        async with self.engine.begin() as connection:
            await connection.execute(_SCOPE, {"stores": ",".join(stores)})
            yield connection

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[AsyncConnection]:
        """One transaction over the tables that belong to no store (keys, outages, heartbeats, provider events)."""
        async with self.engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Closes every pooled connection."""
        await self.engine.dispose()
