"""The ledgers of payments and e-mails: each intent outside, and its outcome.

Every effect reads its row here before it calls a provider or a mail server, so money moves once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.money import Money
from jalon.domain.stops import Stop


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """One payment occurrence; see `activities.payments.payment_key` for its `key`."""

    key: str
    store: str
    entity: str
    purpose: str
    cycle: int
    generation: int
    amount: Money
    provider: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """The state of a key: intent, sent, unknown, action_required, succeeded, declined, or void where another key replaces it.

    `stopped`: an operator stopped the charges of the store; told where an intent is recorded.
    """

    state: str
    provider: str
    outcome: dict[str, Any] | None
    stopped: bool = False


_STOPPED = (
    "exists (select from emergency_stop s where s.store_id = :store and s.what = '{what}' and s.stopped)"
)
_INTEND = text(
    f"""insert into payment (key, store_id, entity_id, purpose, cycle, generation, amount, currency, provider, state, at)
       values (:key, :store, :entity, :purpose, :cycle, :generation, :amount, :currency, :provider, 'intent', :at)
       on conflict (key) do update set state = payment.state
       returning state, provider, outcome, {_STOPPED.format(what=Stop.CHARGES)} as stopped"""
)
_ROW = text("select state, provider, outcome from payment where key = :key")
_MANDATE = text(
    """select provider from payment where store_id = :store and purpose = 'mandate' and reference = :reference
       order by at desc limit 1"""
)
_LOCK_MANDATE = text(
    """select 1 from payment where store_id = :store and purpose = 'mandate' and reference = :reference for update"""
)
_GIVEN_UP = text(
    """select count(distinct entity_id) from payment
       where store_id = :store and purpose = 'give_up' and reference = :reference"""
)
_GIVEN_BACK = text(
    """select exists (select 1 from payment where key = :key and state = 'succeeded' and currency = :currency and amount >= :amount)"""
)
_SENT = text(
    "update payment set state = 'sent', sent_at = clock_timestamp() where key = :key and state <> 'succeeded'"
)
_UNKNOWN = text("update payment set state = 'unknown' where key = :key and state = 'sent'")
_VOID = text("update payment set state = 'void' where key = :key and state in ('sent', 'unknown')")
_SETTLE = text(
    """update payment set state = :state, outcome = cast(:outcome as jsonb), settled_at = clock_timestamp()
       where key = :key and state <> 'succeeded'"""
)


async def intend_payment(tx: AsyncConnection, intent: PaymentIntent) -> PaymentRow:
    """Records the intent once and returns the row of its key."""
    row = (
        await tx.execute(
            _INTEND,
            {
                "key": intent.key,
                "store": intent.store,
                "entity": intent.entity,
                "purpose": intent.purpose,
                "cycle": intent.cycle,
                "generation": intent.generation,
                "amount": intent.amount.amount,
                "currency": intent.amount.currency,
                "provider": intent.provider,
                "at": intent.at,
            },
        )
    ).one()
    return PaymentRow(row.state, row.provider, row.outcome, row.stopped)


async def payment_of(tx: AsyncConnection, key: str) -> PaymentRow | None:
    """The row of a payment key; None when no intent was recorded."""
    row = (await tx.execute(_ROW, {"key": key})).one_or_none()
    return None if row is None else PaymentRow(row.state, row.provider, row.outcome)


async def provider_of_mandate(tx: AsyncConnection, store: str, reference: str) -> str | None:
    """The provider that stored the mandate with this reference; None where the store's ledger has none."""
    if not reference:
        return None
    row = (await tx.execute(_MANDATE, {"store": store, "reference": reference})).one_or_none()
    return None if row is None else str(row.provider)


async def lock_mandate(tx: AsyncConnection, store: str, reference: str) -> None:
    """Holds the mandate with this reference until the transaction ends, so that of lines that give it up at once one sees the other."""
    await tx.execute(_LOCK_MANDATE, {"store": store, "reference": reference})


async def given_up(tx: AsyncConnection, store: str, reference: str) -> int:
    """The number of lines that have given this mandate up."""
    return int((await tx.execute(_GIVEN_UP, {"store": store, "reference": reference})).scalar_one())


async def given_back(tx: AsyncConnection, key: str, amount: Money) -> bool:
    """Whether a refund or a release under this key gave at least the amount back."""
    asked = {"key": key, "amount": amount.amount, "currency": amount.currency}
    return bool((await tx.execute(_GIVEN_BACK, asked)).scalar_one())


async def mark_sent(tx: AsyncConnection, key: str) -> None:
    """Marks the key as sent, before the provider is called. Until an outcome is stored, the outcome is unknown."""
    await tx.execute(_SENT, {"key": key})


async def mark_unknown(tx: AsyncConnection, key: str) -> None:
    """Marks the key as unknown: the provider did not answer. Whether money moved is looked up, never assumed."""
    await tx.execute(_UNKNOWN, {"key": key})


async def mark_void(tx: AsyncConnection, key: str) -> None:
    """Marks the key as void: the provider has confirmed that nothing was and nothing will be charged under it.

    The occurrence continues under the next key.
    """
    await tx.execute(_VOID, {"key": key})


async def settle_payment(tx: AsyncConnection, key: str, state: str, outcome: dict[str, Any]) -> None:
    """Stores the provider's answer. A success is never overwritten."""
    await tx.execute(_SETTLE, {"key": key, "state": state, "outcome": json.dumps(outcome)})


async def payment_waits(tx: AsyncConnection, key: str, provider: str) -> bool:
    """Whether a payment of this provider waits for the customer to confirm at the bank."""
    row = await payment_of(tx, key)
    return row is not None and (row.state, row.provider) == ("action_required", provider)


@dataclass(frozen=True, slots=True)
class MailRow:
    """The state of an e-mail: intent, accepted or refused. `sent_at` is when it left, or was refused.

    `server` is who took it, `answer` what that server said. `stopped`: an operator stopped the e-mail of the store.
    """

    state: str
    sent_at: datetime | None
    refusal: str | None
    server: str | None = None
    answer: str | None = None
    stopped: bool = False


_INTEND_MAIL = text(
    f"""insert into mail (key, store_id, entity_id, party_id, template, message_id, state, attempts, at, request)
       values (:key, :store, :entity, :party, :template, :message_id, 'intent', 1, :at, cast(:request as jsonb))
       on conflict (key) do update set attempts = mail.attempts + 1, party_id = excluded.party_id, request = excluded.request
       returning state, coalesce(left_at, accepted_at) as sent_at, refusal, server, answer,
                 {_STOPPED.format(what=Stop.MAIL)} as stopped"""
)
_ACCEPTED = text(
    """update mail set state = 'accepted', refusal = null,
              server = coalesce(server, :server), answer = coalesce(answer, :answer),
              left_at = case when state = 'accepted' then left_at else cast(:left_at as timestamptz) end,
              accepted_at = case when state = 'accepted' then accepted_at else coalesce(cast(:at as timestamptz), clock_timestamp()) end
       where key = :key returning coalesce(left_at, accepted_at)"""
)
_REFUSED = text(
    """update mail set state = case when state = 'intent' then 'refused' else state end,
              refusal = case when state = 'intent' then :refusal else refusal end,
              accepted_at = coalesce(accepted_at, cast(:at as timestamptz), clock_timestamp())
       where key = :key returning coalesce(left_at, accepted_at)"""
)


async def intend_mail(
    tx: AsyncConnection,
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
    """Records the e-mail once, counts the attempt and returns its row. `request` is what it is rendered from, without personal data."""
    row = (
        await tx.execute(
            _INTEND_MAIL,
            {
                "key": key,
                "store": store,
                "entity": entity,
                "party": party,
                "template": template,
                "message_id": message_id,
                "at": at,
                "request": json.dumps(request),
            },
        )
    ).one()
    return MailRow(row.state, row.sent_at, row.refusal, row.server, row.answer, row.stopped)


async def mail_accepted(
    tx: AsyncConnection,
    key: str,
    at: datetime | None,
    left_at: datetime | None = None,
    server: str | None = None,
    answer: str | None = None,
) -> datetime:
    """Records that the server accepted the e-mail at `at` (a test clock's instant), or now in real time.

    Returns when it left, by default when it was accepted; an earlier acceptance keeps its own. An acceptance replaces a refusal by an
    overlapping attempt.
    """
    told = {"key": key, "at": at, "left_at": left_at, "server": server, "answer": answer}
    left: datetime = (await tx.execute(_ACCEPTED, told)).scalar_one()
    return left


async def mail_refused(tx: AsyncConnection, key: str, at: datetime | None, refusal: str) -> datetime:
    """Records that the server refused the e-mail permanently. An outcome that an overlapping attempt recorded is not overwritten."""
    refused: datetime = (await tx.execute(_REFUSED, {"key": key, "at": at, "refusal": refusal})).scalar_one()
    return refused
