"""A database step of an entity that a fault of ours keeps from going on is seen by operators."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the list of stalled steps, visible to the store they belong to."""
    op.execute(
        """create table stalled (
               store_id text not null,
               entity_id text not null,
               step text not null,
               cause text not null,
               fingerprint text not null,
               since timestamptz not null default clock_timestamp(),
               seen_at timestamptz not null default clock_timestamp(),
               primary key (entity_id, step)
           )"""
    )
    op.execute("alter table stalled enable row level security")
    op.execute("alter table stalled force row level security")
    op.execute(
        """create policy own_store on stalled
           using (store_id = any (string_to_array(current_setting('app.stores', true), ',')))
           with check (store_id = any (string_to_array(current_setting('app.stores', true), ',')))"""
    )
    op.execute("grant select, insert, update, delete on stalled to jalon_app")
