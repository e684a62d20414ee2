"""What a subscription hears of its renewal notices from outside: one came back, or its reader has another address now (X16, X18)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.emails import RenewalNotice
from jalon.domain.kinds import SUBSCRIPTION
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt, Receipt
from jalon.persistence.operations import clocks
from jalon.persistence.people import bounced
from workflows.engine.commands import Command
from workflows.subscription.commands import AnnounceRenewal, ReportNotice

MAIL_SERVER = "mail server"


async def take_bounce(tx: AsyncConnection, message_id: str, status: str, live: frozenset[str]) -> str | None:
    """Notes that an e-mail came back, and returns the id of its order or subscription; None for a Message-ID that no visible store used.

    The subscription of a renewal notice gets a receipt, which the relay delivers. `live` are the stores on real time.
    """
    row = await bounced.keep_bounce(tx, message_id, status)
    if row is None:
        return None
    if row.template == RenewalNotice.template:
        command = ReportNotice(message_id, status)
        key = f"bounce/{message_id}"
        await _record(tx, row.store, row.entity, command, key, actor=MAIL_SERVER, live=row.store in live)
    return row.entity


async def announce_to_new_address(
    tx: AsyncConnection, store: str, party: str, key: str, *, actor: str, live: bool
) -> list[list[Receipt]]:
    """Asks the subscriptions whose notice did not reach this person to send it again. Returns the receipts to deliver of each."""
    waiting = []
    for entity in await bounced.unreached(tx, party, RenewalNotice.template):
        receipt = await _record(
            tx, store, entity, AnnounceRenewal(), f"{key}/{entity}", actor=actor, live=live
        )
        if receipt is not None:
            waiting.append(await receipts.pending(tx, store, entity))
    return waiting


async def _record(
    tx: AsyncConnection, store: str, entity: str, command: Command, key: str, *, actor: str, live: bool
) -> Receipt | None:
    await receipts.lock_inbox(tx, entity)
    request = NewReceipt(
        id=new_id("receipt"),
        store=store,
        kind=SUBSCRIPTION.name,
        entity=entity,
        command=command.name,
        body=command.as_body(),
        actor=actor,
        role="system",
        principal="system:notices",
        idempotency_key=key,
        fingerprint=b"",
    )
    at = None if live else await clocks.clock_now(tx, store)
    return await receipts.record(tx, request, at, 0.0)
