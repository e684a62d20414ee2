"""A payment may leave a key under which, by proof, nothing was taken and nothing will be."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Allows the state void; an occurrence keeps at most one key that is not."""
    op.execute("alter table payment drop constraint payment_state_check")
    op.execute(
        """alter table payment add constraint payment_state_check
           check (state in ('intent', 'sent', 'unknown', 'action_required', 'succeeded', 'declined', 'void'))"""
    )
    op.execute("alter table payment drop constraint payment_store_id_entity_id_purpose_cycle_generation_key")
    op.execute(
        """create unique index payment_occurrence on payment (store_id, entity_id, purpose, cycle, generation)
           where state <> 'void'"""
    )
