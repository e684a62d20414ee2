"""Verifies the audit: each entity, person and store has a chain of entries, which the database continues."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.audit_chains import Chain, Head

SHOWN_AT_MOST = 100
PAGE = 10_000
"""The rows of one statement, which must end within its time however long the audit is."""
# The same text as in audit_digest of the schema. A verification does not ask the functions of the database that it verifies.
_PAGE = text(
    """select store_id, entity_id, id, at, action, previous, digest,
              jsonb_build_array(store_id, entity_id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, role,
                                action, rule, reason, data)::text as content
       from audit where (entity_id, id) > (:entity, :id) order by entity_id, id limit :page"""
)
_HEADS = """select distinct on (entity_id) store_id, entity_id, id, encode(digest, 'hex') as digest
            from audit where entity_id > :entity {since} order by entity_id, id desc limit :page"""
_ALL_HEADS = text(_HEADS.format(since=""))
_HEADS_SINCE = text(_HEADS.format(since="and recorded_at > :since"))


class Fault(StrEnum):
    """Why an entry does not fit."""

    CHANGED = "was changed"
    MISPLACED = "an entry before it is missing or was changed"
    NOT_THE_SIGNED_ONE = "is another than the one that was signed"
    MISSING = "was signed and is missing"


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry that does not fit. `at` and `action` are None where it is missing."""

    store: str
    entity: str
    id: int
    fault: Fault
    at: datetime | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified, the chains that go on beyond their signed head, and at most SHOWN_AT_MOST entries that do not fit."""

    entries: int
    chains: int
    beyond: int
    broken: tuple[BrokenEntry, ...]


async def heads(tx: AsyncConnection, since: datetime | None) -> dict[Chain, Head]:
    """The last entry of each chain of the transaction's stores; with an instant (UTC), of those that got an entry after it."""
    statement, given = (_ALL_HEADS, {}) if since is None else (_HEADS_SINCE, {"since": since})
    found: dict[Chain, Head] = {}
    entity = ""
    while rows := (await tx.execute(statement, {**given, "entity": entity, "page": PAGE})).all():
        found |= {Chain(row.store_id, row.entity_id): Head(row.id, row.digest) for row in rows}
        entity = rows[-1].entity_id
    return found


async def verify(tx: AsyncConnection, signed: Mapping[Chain, Head]) -> Verified:
    """Recomputes every digest of the transaction's stores, and looks for each signed head of theirs.

    Without signed heads the last entries of a chain can be missing without a sign.
    """
    walk = _Walk(signed)
    async for row in _entries(tx):
        walk.meet(row)
    return walk.end()


async def _entries(tx: AsyncConnection) -> AsyncIterator[Row[Any]]:
    """Every entry, chain by chain."""
    entity, last = "", 0
    while rows := (await tx.execute(_PAGE, {"entity": entity, "id": last, "page": PAGE})).all():
        for row in rows:
            yield row
        entity, last = rows[-1].entity_id, rows[-1].id


class _Walk:
    """A walk along all chains, one after the other."""

    def __init__(self, signed: Mapping[Chain, Head]) -> None:
        self._unmet = dict(signed)
        self._signed = signed
        self._chain: Chain | None = None
        self._former = Head(0, "")
        self._entries = self._chains = self._beyond = 0
        self._broken: list[BrokenEntry] = []

    def meet(self, row: Row[Any]) -> None:
        """Compares an entry with the one before it, with its content, and with what was signed."""
        chain, head = Chain(row.store_id, row.entity_id), Head(row.id, bytes(row.digest).hex())
        if chain != self._chain:
            self._end_chain()
            self._chain, self._former = chain, Head(0, "")
            self._chains += 1
        self._entries += 1
        if (fault := self._fault(row, chain, head)) is not None:
            self._broken.append(BrokenEntry(*chain, row.id, fault, row.at, row.action))
        self._former = head

    def _fault(self, row: Row[Any], chain: Chain, head: Head) -> Fault | None:
        previous = bytes(row.previous)
        signed = self._signed.get(chain)
        met = signed is not None and signed.entry == head.entry
        if met:
            del self._unmet[chain]
        if previous.hex() != self._former.digest:
            return Fault.MISPLACED
        if hashlib.sha256(previous + row.content.encode()).hexdigest() != head.digest:
            return Fault.CHANGED
        return Fault.NOT_THE_SIGNED_ONE if met and signed != head else None

    def _end_chain(self) -> None:
        if self._chain is not None:
            signed = self._signed.get(self._chain)
            self._beyond += signed is None or self._former.entry > signed.entry

    def end(self) -> Verified:
        """The result, once every entry was met. A signed entry that was not met is missing."""
        self._end_chain()
        missing = [BrokenEntry(*chain, head.entry, Fault.MISSING) for chain, head in self._unmet.items()]
        broken = sorted((*self._broken, *missing), key=lambda each: each.id)
        return Verified(self._entries, self._chains, self._beyond, tuple(broken[:SHOWN_AT_MOST]))
