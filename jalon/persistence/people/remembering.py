"""Writes what support searches anew, a page at a time, after a restore of a backup that left it out.

Texts that stand stay as they are. So a page may be written again, orders may go on meanwhile, and a rebuild that ended continues anywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import found_by
from jalon.persistence.people.vault import Vault


class Part(StrEnum):
    """What texts are of, in the order in which they are written."""

    ENTITIES = "entities"
    PAYMENTS = "payments"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was written: how many, and the last of them, after which the next page begins; None where there was none."""

    upto: str | None
    written: int


_TOTALS = text(
    """select (select count(*) from entity) as entities, (select count(*) from payment) as payments,
              (select count(*) from party) as people"""
)
_ENTITIES = text("select upto, written from remember_entities(:after, :most)")
_PAYMENTS = text("select upto, written from remember_payments(:after, :most)")
# The lock waits for a change or an erasure of the person that has not ended, and keeps others until the page is written.
_PEOPLE = text("select id, wrapped_key, body from party where id > :after order by id limit :most for share")
_NAMES = text(
    "select party_id, body from personal_record where party_id = any(cast(:ids as text[])) and kind = 'names'"
)
_REMEMBER = text(
    """select remember_person(p.id, p.fields, p.keys, p.wholes, false)
       from jsonb_to_recordset(cast(:people as jsonb)) as p (id text, fields text[], keys text[], wholes boolean[])"""
)


async def totals(tx: AsyncConnection) -> dict[Part, int]:
    """How many of each part the transaction's stores have."""
    row = (await tx.execute(_TOTALS)).one()
    return {part: getattr(row, part) for part in Part}


async def write_page(tx: AsyncConnection, vault: Vault, part: Part, after: str, most: int) -> Page:
    """Writes the texts of the next `most` of the part, in the order of their ids or keys. An erased person has none."""
    if part is Part.PEOPLE:
        return await _write_people(tx, vault, after, most)
    asked = {"after": after, "most": most}
    row = (await tx.execute(_ENTITIES if part is Part.ENTITIES else _PAYMENTS, asked)).one()
    return Page(row.upto, row.written)


async def _write_people(tx: AsyncConnection, vault: Vault, after: str, most: int) -> Page:
    rows = (await tx.execute(_PEOPLE, {"after": after, "most": most})).all()
    if not rows:
        return Page(None, 0)
    keys = {row.id: row.wrapped_key for row in rows if row.wrapped_key is not None and row.body is not None}
    told = {row.id: [vault.open(row.wrapped_key, row.body)] for row in rows if row.id in keys}
    for row in await tx.execute(_NAMES, {"ids": list(keys)}):
        told[row.party_id].append(vault.open(keys[row.party_id], row.body))
    people = [{"id": party, **found_by(*every)} for party, every in told.items()]
    await tx.execute(_REMEMBER, {"people": json.dumps(people)})
    return Page(rows[-1].id, len(rows))
