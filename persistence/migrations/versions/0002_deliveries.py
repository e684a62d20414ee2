"""A receipt is settled in PostgreSQL a moment before the workflow's history holds it; only a confirmed delivery ends the sending."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the mark, and finds what is to be delivered by it. Settled receipts of before count as delivered."""
    op.execute("alter table receipt add column delivered boolean not null default true")
    op.execute("alter table receipt alter column delivered set default false")
    op.execute("drop index receipt_pending")
    op.execute(
        "create index receipt_open on receipt (store_id, entity_id, seq) where state = 'pending' or not delivered"
    )
