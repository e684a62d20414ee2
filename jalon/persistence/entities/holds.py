"""Reviewers' decisions on holds, one a reviewer and hold (T6, X19). `order` is the entity, of which `turn` numbers the holds."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.compliance.reviewers import DecidingKey
from jalon.domain.texts import same_name

_DECIDE = text(
    """insert into hold_decision (store_id, order_id, turn, person, issued_by, accepted, decision)
       values (:store, :order, :turn, :person, :issued_by, :accepted, :decision)
       on conflict (order_id, turn, person) do nothing"""
)
_RELEASED = text(
    """select person, issued_by, accepted from hold_decision
       where order_id = :order and turn = :turn and decision = 'release' order by recorded_at"""
)


async def decide_hold(
    tx: AsyncConnection, store: str, order: str, turn: int, key: DecidingKey, decision: str
) -> bool:
    """Records a reviewer's decision on the hold of this turn. False when this person has already decided on it."""
    inserted = await tx.execute(
        _DECIDE,
        {
            "store": store,
            "order": order,
            "turn": turn,
            "person": same_name(key.person),
            "issued_by": key.issued_by,
            "accepted": key.accepted,
            "decision": decision,
        },
    )
    return inserted.rowcount > 0


async def released_by(tx: AsyncConnection, order: str, turn: int) -> list[DecidingKey]:
    """The keys that released the hold of this turn, each as it was at that time."""
    rows = await tx.execute(_RELEASED, {"order": order, "turn": turn})
    return [DecidingKey(row.person, row.issued_by, row.accepted) for row in rows]
