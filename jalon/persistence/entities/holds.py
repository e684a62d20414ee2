"""Reviewers' decisions on export holds, one a person and placement (T6)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_DECIDE = text(
    """insert into hold_decision (store_id, order_id, turn, person, decision)
       values (:store, :order, :turn, :person, :decision)
       on conflict (order_id, turn, person) do nothing"""
)


async def decide_hold(
    tx: AsyncConnection, store: str, order: str, turn: int, person: str, decision: str
) -> bool:
    """Records a reviewer's decision on the hold of this placement. False when this person has already decided on it."""
    inserted = await tx.execute(
        _DECIDE,
        {"store": store, "order": order, "turn": turn, "person": person, "decision": decision},
    )
    return inserted.rowcount > 0
