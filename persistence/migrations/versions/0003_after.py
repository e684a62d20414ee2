"""A receipt knows how far its entity had come, so that a reset hears it again at the same point of its life."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the number of the entity's last transition when the receipt was recorded; 0 for those of before."""
    op.execute("alter table receipt add column after_seq int not null default 0")
