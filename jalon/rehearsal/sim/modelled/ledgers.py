"""The ledgers of payments and e-mails in memory; the model of `jalon.persistence.money.ledgers`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from jalon.domain.money import Money
from jalon.persistence.money.ledgers import MailRow, PaymentIntent, PaymentRow
from jalon.rehearsal.sim.modelled import database
from jalon.rehearsal.sim.modelled.database import Transaction


async def intend_payment(tx: Transaction, intent: PaymentIntent) -> PaymentRow:
    """Records the intent once and returns the row of its key."""
    row = tx.db.payments.get(intent.key)
    if row is None:
        row = tx.db.payments[intent.key] = database.PaymentRow(
            intent.key,
            intent.store,
            intent.entity,
            intent.purpose,
            intent.cycle,
            intent.generation,
            str(intent.amount.amount),
            intent.amount.currency,
            intent.provider,
            "intent",
        )
    return PaymentRow(row.state, row.provider, row.outcome)


async def payment_of(tx: Transaction, key: str) -> PaymentRow | None:
    """The row of a payment key."""
    row = tx.db.payments.get(key)
    return None if row is None else PaymentRow(row.state, row.provider, row.outcome)


async def provider_of_mandate(tx: Transaction, store: str, reference: str) -> str | None:
    """The provider that stored the mandate."""
    found = [
        row.provider
        for row in tx.db.payments.values()
        if (row.store, row.purpose) == (store, "mandate")
        and (row.outcome or {}).get("reference") == reference
    ]
    return found[-1] if found and reference else None


async def lock_mandate(tx: Transaction, store: str, reference: str) -> None:
    """Returns at once: a transaction of the model is never interrupted."""


async def given_up(tx: Transaction, store: str, reference: str) -> int:
    """The number of lines that have given this mandate up."""
    return len(
        {
            row.entity
            for row in tx.db.payments.values()
            if (row.store, row.purpose) == (store, "give_up")
            and (row.outcome or {}).get("reference") == reference
        }
    )


async def given_back(tx: Transaction, refund_key: str, amount: Money) -> bool:
    """Whether a refund under this key gave at least the amount back."""
    row = tx.db.payments.get(refund_key)
    if row is None or row.state != "succeeded" or row.currency != amount.currency:
        return False
    return Decimal(row.amount) >= amount.amount


async def mark_sent(tx: Transaction, key: str) -> None:
    """Marks the key as sent."""
    row = tx.db.payments.get(key)
    if row is not None and row.state != "succeeded":
        row.state = "sent"


async def mark_unknown(tx: Transaction, key: str) -> None:
    """Marks the key as unknown."""
    row = tx.db.payments.get(key)
    if row is not None and row.state == "sent":
        row.state = "unknown"


async def mark_void(tx: Transaction, key: str) -> None:
    """Marks the key as void."""
    row = tx.db.payments.get(key)
    if row is not None and row.state in ("sent", "unknown"):
        row.state = "void"


async def settle_payment(tx: Transaction, key: str, state: str, outcome: dict[str, Any]) -> None:
    """Stores the provider's answer; a success is never overwritten."""
    row = tx.db.payments.get(key)
    if row is not None and row.state != "succeeded":
        row.state, row.outcome = state, outcome


async def payment_waits(tx: Transaction, key: str, provider: str) -> bool:
    """Whether a payment of this provider waits for the customer."""
    row = tx.db.payments.get(key)
    return row is not None and (row.state, row.provider) == ("action_required", provider)


async def intend_mail(
    tx: Transaction,
    *,
    key: str,
    store: str,
    entity: str,
    party: str,
    template: str,
    message_id: str,
    at: datetime,
    request: Mapping[str, Any] | None = None,
) -> MailRow:
    """Records the e-mail once, counts the attempt and returns its row."""
    row = tx.db.mails.get(key)
    if row is None:
        row = tx.db.mails[key] = database.MailRow(key, entity, party, template, message_id, at)
    else:
        row.attempts, row.party = row.attempts + 1, party
    return MailRow(row.state, row.left_at or row.accepted_at, row.refusal, row.server, row.answer)


async def mail_accepted(
    tx: Transaction,
    key: str,
    at: datetime | None,
    left_at: datetime | None = None,
    server: str | None = None,
    answer: str | None = None,
) -> datetime:
    """Records that the server accepted the e-mail; the first acceptance keeps its instants."""
    row = tx.db.mails[key]
    if row.state != "accepted" or row.accepted_at is None:
        row.left_at, row.accepted_at = left_at, at or tx.db.now()
        row.server, row.answer = server, answer
    row.state, row.refusal = "accepted", None
    return row.left_at or row.accepted_at


async def mail_refused(tx: Transaction, key: str, at: datetime | None, refusal: str) -> datetime:
    """Records that the server refused the e-mail permanently."""
    row = tx.db.mails[key]
    if row.state == "intent":
        row.state, row.refusal = "refused", refusal
    row.accepted_at = row.accepted_at or at or tx.db.now()
    return row.left_at or row.accepted_at
