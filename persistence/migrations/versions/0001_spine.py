"""The spine: entities, receipts, records, ledgers; row-level security forced on every store's rows."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = Path(__file__).with_suffix(".sql")


def upgrade() -> None:
    """Creates the schema from the SQL file beside this one, a statement at a time."""
    for statement in _STATEMENTS.read_text().split(";;"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
