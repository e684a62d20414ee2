"""The relay's sweep goes by receipt number over what is still open."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the index of the sweep."""
    op.execute("create index receipt_sweep on receipt (seq) where state = 'pending' or not delivered")
