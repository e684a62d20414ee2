"""Counts SQL statements as PostgreSQL does, without those of the bench."""

from __future__ import annotations

from psycopg import AsyncConnection

_COUNT = (
    "/* bench */ select coalesce(sum(calls), 0)::bigint from pg_stat_statements "
    "where query not like '/* bench%' and query not like '%pg_stat_statements%'"
)


class Statements:
    """Counts statements since the last call. BEGIN and COMMIT are statements too."""

    def __init__(self, superuser: str) -> None:
        self._superuser = superuser
        self._last = 0

    async def since_last(self) -> int:
        """The number of statements executed since the last call."""
        async with await AsyncConnection.connect(self._superuser, autocommit=True) as connection:
            row = await (await connection.execute(_COUNT)).fetchone()
        total = int(row[0]) if row is not None else 0
        counted, self._last = total - self._last, total
        return counted
