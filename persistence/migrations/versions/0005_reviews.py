"""A reviewer decides once on each hold, and a key says who issued and who revoked it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Numbers the holds of an order, one per placement; adds the issuer and the revoker of keys."""
    op.execute("alter table hold_decision add column turn int not null default 1")
    op.execute("alter table hold_decision drop constraint hold_decision_pkey")
    op.execute("alter table hold_decision add primary key (order_id, turn, person)")
    op.execute("alter table api_key add column issued_by text not null default 'command line'")
    op.execute("alter table api_key add column revoked_by text")
