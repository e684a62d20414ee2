"""The timeline of an entity in its current epoch, with the payments and e-mails of its ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain import events


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One timeline item. `kind` is event, payment or mail; `at` is the store's time."""

    entity: str
    kind: str
    at: datetime
    event: str
    rule: str | None
    actor: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TransferEnd:
    """The event that ended a transfer of the administration, and the first closed instant of one that lapsed."""

    event: str
    accept_by: datetime | None = None


# A reset that takes another course opens a higher epoch. From its first transition on, those of lower epochs do not count.
_EVENTS = text(
    """select t.entity_id, t.at, t.event, t.rule, t.actor, t.data
       from timeline t join transition told using (entity_id, epoch, seq)
       where entity_id = any(cast(:entities as text[]))
         and not exists (select 1 from transition later where later.entity_id = t.entity_id
                         and later.epoch > t.epoch and later.seq <= t.seq)
       order by t.at, told.recorded_at, t.entity_id, t.epoch, t.seq, t.n"""
)
_RAN_OUT = text(
    """select t.data->>'accept_by' from timeline t
       where t.entity_id = :entity and t.event = :event
         and (t.data->>'seat')::int = :seat and (t.data->>'invitation')::int = :invitation
       order by t.epoch desc, t.seq desc limit 1"""
)
_TRANSFER_ENDED = text(
    """select t.event, t.data->>'accept_by' as accept_by from timeline t
       where t.entity_id = :entity and t.event = any(cast(:events as text[])) and (t.data->>'transfer')::int = :transfer
       order by t.epoch desc, t.seq desc limit 1"""
)
TRANSFER_ENDS = (
    events.AdminTransferred.name,
    events.AdminTransferCalledOff.name,
    events.AdminTransferLapsed.name,
    events.AdminTransferRefused.name,
    events.AdminTransferUndeliverable.name,
)
"""The events that end a transfer."""
_PAYMENTS = text(
    """select entity_id, at, purpose, cycle, generation, amount, currency, provider, state, outcome from payment
       where entity_id = any(cast(:entities as text[])) order by at, cycle, generation, purpose"""
)
_MAILS = text(
    """select entity_id, coalesce(accepted_at, at) as at, template, message_id, party_id,
              case when bounced is null then state else 'bounced' end as state, attempts, coalesce(bounced, refusal) as refusal
       from mail
       where entity_id = any(cast(:entities as text[])) order by at, recorded_at"""
)


async def told(tx: AsyncConnection, entity: str, *names: str) -> list[TimelineItem]:
    """The events of these names in the timeline of an entity, oldest first."""
    rows = await tx.execute(_EVENTS, {"entities": [entity]})
    return [
        TimelineItem(row.entity_id, "event", row.at, row.event, row.rule, row.actor, row.data)
        for row in rows
        if row.event in names
    ]


async def timeline_items(tx: AsyncConnection, entities: Sequence[str]) -> list[TimelineItem]:
    """The timeline items of the entities by instant. At equal instants events come first, in the order of recording."""
    of = {"entities": list(entities)}
    events = [
        TimelineItem(row.entity_id, "event", row.at, row.event, row.rule, row.actor, row.data)
        for row in await tx.execute(_EVENTS, of)
    ]
    return sorted([*events, *await _payments(tx, of), *await _mails(tx, of)], key=lambda each: each.at)


async def invitation_ran_out_at(
    tx: AsyncConnection, subscription: str, seat: int, invitation: int
) -> datetime | None:
    """The first closed instant of an invitation whose time ran out (T3); None for one that is open, was completed or was taken back."""
    of = {
        "entity": subscription,
        "event": events.SeatReleased.name,
        "seat": seat,
        "invitation": invitation,
    }
    told = (await tx.execute(_RAN_OUT, of)).scalar_one_or_none()
    return None if told is None else datetime.fromisoformat(told)


async def end_of_transfer(tx: AsyncConnection, subscription: str, transfer: int) -> TransferEnd | None:
    """What became of a transfer of the administration; None for one that is pending, or that went with its subscription (X11)."""
    of = {"entity": subscription, "events": list(TRANSFER_ENDS), "transfer": transfer}
    row = (await tx.execute(_TRANSFER_ENDED, of)).one_or_none()
    if row is None:
        return None
    return TransferEnd(row.event, datetime.fromisoformat(row.accept_by) if row.accept_by else None)


async def _payments(tx: AsyncConnection, of: dict[str, Any]) -> list[TimelineItem]:
    found = []
    for row in await tx.execute(_PAYMENTS, of):
        data = {
            "purpose": row.purpose,
            "amount": {"amount": str(row.amount), "currency": row.currency},
            "provider": row.provider,
            "state": row.state,
            "term": row.cycle,
            "generation": row.generation,
        }
        outcome = row.outcome or {}
        data |= {key: outcome[key] for key in ("reference", "code") if outcome.get(key)}
        event = f"{row.purpose}_{row.state}"
        found.append(TimelineItem(row.entity_id, "payment", row.at, event, None, None, data))
    return found


async def _mails(tx: AsyncConnection, of: dict[str, Any]) -> list[TimelineItem]:
    found = []
    for row in await tx.execute(_MAILS, of):
        data = {
            "template": row.template,
            "to": row.party_id,
            "message_id": row.message_id,
            "state": row.state,
            "attempts": row.attempts,
        }
        data |= {"refusal": row.refusal} if row.refusal else {}
        found.append(TimelineItem(row.entity_id, "mail", row.at, f"mail_{row.state}", None, None, data))
    return found
