"""The schema of the first release: the files in `schema/`, one for each area, in the order of their dependencies."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001_initial"
down_revision = None

_SCHEMA = Path(__file__).parents[1] / "schema"
_AREAS = (
    "inbox",
    "entities",
    "money",
    "people",
    "operations",
    "causes",
    "repairs",
    "staff",
    "support",
    "invariants",
    "search",
    "rebuilding",
    "access",
    "functions",
)


def upgrade() -> None:
    """Runs each file in one call. Without parameters the driver sends all its statements by the simple protocol."""
    for area in _AREAS:
        statements = (_SCHEMA / f"{area}.sql").read_text(encoding="utf-8")
        op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Raises NotImplementedError: migrations have no downgrade."""
    raise NotImplementedError(
        "0001_initial has no way back: restore a backup, or begin with an empty database"
    )
