"""Transactions. Only this module commits, and it sets the stores that row-level security shows to a transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.sql import SQL, Identifier, quote
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# Without parameters the driver sends the text by the simple protocol, which alone takes two statements at once.
_AS_IT_STANDS = {"no_parameters": True}
# statement_timeout ends what the server works on; the others, in milliseconds and seconds, end the wait for a server that is gone.
_LIMITS = {
    "connect_timeout": 3,
    "options": "-c statement_timeout=10000",
    "tcp_user_timeout": 15000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}


async def narrow(tx: AsyncConnection, *stores: str) -> None:
    """Lets the rest of the transaction see these stores alone."""
    await tx.exec_driver_sql(f"set local app.stores = {quote(','.join(stores))}")


class Sessions:
    """Opens transactions on the application's unprivileged role.

    Row-level security shows a transaction only the stores it was opened for; a store id never holds a comma.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @classmethod
    def connect(cls, url: str, *, pool_size: int = 10, release: str = "") -> Sessions:
        """A pool of at most `pool_size` connections to `url` (postgresql+psycopg://…).

        What is recorded of a cause names the `release`, a word without blanks.
        """
        options = f"{_LIMITS['options']} -c app.release={release}"
        return cls(
            create_async_engine(
                url,
                pool_size=pool_size,
                isolation_level="AUTOCOMMIT",
                max_overflow=0,
                pool_timeout=10,
                pool_pre_ping=False,
                hide_parameters=True,
                pool_recycle=1800,
                connect_args=_LIMITS | {"options": options},
            )
        )

    @asynccontextmanager
    async def of(self, *stores: str) -> AsyncIterator[AsyncConnection]:
        """One transaction that sees `stores`; commits when the block ends, rolls back when it raises."""
        async with self._transaction(
            f"begin; set local app.stores = {quote(','.join(stores))}"
        ) as connection:
            yield connection

    @asynccontextmanager
    async def unscoped(self) -> AsyncIterator[AsyncConnection]:
        """One transaction over the tables that belong to no store (keys, outages, heartbeats, provider events)."""
        async with self._transaction("begin") as connection:
            yield connection

    @asynccontextmanager
    async def _transaction(self, begin: str) -> AsyncIterator[AsyncConnection]:
        """Sends BEGIN and the scope in one message. A connection that is returned before its commit is rolled back."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql(begin, execution_options=_AS_IT_STANDS)
            yield connection
            await connection.commit()

    async def listen(self, channel: str) -> AsyncIterator[None]:
        """Yields at each notification of the channel, on a connection of its own. Raises psycopg's OperationalError when it ends."""
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connecting = psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=3)
        async with await connecting as connection:
            await connection.execute(SQL("listen {}").format(Identifier(channel)))
            async for _ in connection.notifies():
                yield

    async def close(self) -> None:
        """Closes every pooled connection."""
        await self.engine.dispose()
