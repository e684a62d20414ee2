"""Alembic environment: runs the migrations as the owner role, in one transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

# A change of a table waits for the transactions that use it, and all later ones wait behind it. So lock_timeout is short.
LOCK_TIMEOUT = "5s"


def run() -> None:
    """Applies the migrations to the database named by `sqlalchemy.url`."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("sqlalchemy.url is not set")
    engine = create_engine(url)
    with engine.connect() as connection:
        context.configure(connection=connection, transactional_ddl=True)
        with context.begin_transaction():
            connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
            context.run_migrations()
    engine.dispose()


run()
