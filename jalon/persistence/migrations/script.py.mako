"""${message}"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Raises NotImplementedError: migrations go one way."""
    raise NotImplementedError("${up_revision} has no way back: restore a backup")
