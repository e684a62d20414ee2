"""Refuses receipts of an entity that has ended: its workflow takes no more updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus

from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import KINDS
from jalon.persistence.entities import entities, records
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import Receipt


async def refuse_after_end(tx: AsyncConnection, entity: str, late: Sequence[Receipt]) -> bool:
    """Refuses receipts that reached an entity after its end, each command with the refusal for the way the entity ended.

    Returns False, and does nothing, while the projection does not show the entity as ended.
    """
    if not await records.is_over(tx, entity):
        return False
    ended = await entities.find_any(tx, entity)
    if ended is None:
        return False
    for receipt in late:
        violation = KINDS.named(ended.kind).after_end(ended.status, receipt.command)
        outcome = {"status": HTTPStatus.CONFLICT.value, "violations": [asdict(violation)]}
        await receipts.refuse(tx, receipt.id, outcome)
    await receipts.confirm(tx, late)
    return True
