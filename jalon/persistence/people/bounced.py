"""E-mails that came back: noted at their row, at the person, and in the person's audit."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, worklists

_BOUNCED = text(
    """update mail set bounced = coalesce(bounced, :status) where message_id = :message_id
       returning store_id, entity_id, party_id, template"""
)
_FLAG = text("update party set undeliverable = :status where id = :party")


async def keep_bounce(tx: AsyncConnection, message_id: str, status: str) -> str | None:
    """Notes that an e-mail came back, and returns the id of its order or subscription; None for a Message-ID that no visible store used."""
    row = (await tx.execute(_BOUNCED, {"message_id": message_id, "status": status})).one_or_none()
    if row is None:
        return None
    await tx.execute(_FLAG, {"party": row.party_id, "status": status})
    entry = AuditEntry(
        await clocks.clock_now(tx, row.store_id),
        "mail server",
        "system",
        "mail_bounced",
        None,
        None,
        {"template": row.template, "status": status, "entity": row.entity_id},
    )
    await worklists.record_audit_of_person(tx, row.store_id, row.party_id, entry)
    return str(row.entity_id)
