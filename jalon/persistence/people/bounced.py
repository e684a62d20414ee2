"""E-mails that came back: noted at their row, at the person, and in the person's audit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, worklists

_BOUNCED = text(
    """update mail set bounced = coalesce(bounced, :status) where message_id = :message_id
       returning store_id, entity_id, party_id, template"""
)
_FLAG = text("update party set undeliverable = :status where id = :party")


# A notice that nobody refused and that no server took is on its way, to the address of today.
_UNREACHED = text(
    """select distinct entity_id from mail join entity on entity.id = mail.entity_id
       where mail.party_id = :party and mail.template = :template and (mail.bounced is not null or mail.state = 'refused')
         and entity.status = 'active' and entity.view ->> 'admin' = :party
       order by entity_id"""
)


@dataclass(frozen=True, slots=True)
class Bounced:
    """An e-mail that came back."""

    store: str
    entity: str
    template: str


async def unreached(tx: AsyncConnection, party: str, template: str) -> list[str]:
    """The running subscriptions of which this person is the admin and was sent such an e-mail that reached nobody."""
    return list(await tx.scalars(_UNREACHED, {"party": party, "template": template}))


async def keep_bounce(tx: AsyncConnection, message_id: str, status: str) -> Bounced | None:
    """Notes that an e-mail came back, and returns what it was about; None for a Message-ID that no visible store used."""
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
    return Bounced(row.store_id, row.entity_id, row.template)
