"""People in memory, without encryption; the model of `jalon.persistence.people.parties.Parties`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from jalon.persistence.people.parties import Party
from jalon.rehearsal.sim.modelled.database import Transaction


class Parties:
    """Reads and writes people."""

    async def read(self, tx: Transaction, *ids: str) -> dict[str, Party]:
        """The people with these ids."""
        return {id_: tx.db.parties[id_] for id_ in ids if id_ in tx.db.parties}

    async def recall(self, tx: Transaction, record: str) -> dict[str, Any]:
        """A personal record."""
        return tx.db.personal[record]

    async def keep_names(
        self, tx: Transaction, _store: str, _party: str, names: Mapping[str, str | None]
    ) -> str:
        """The id of a record of the names as they are now."""
        record = f"rec_{tx.db.number('record')}"
        tx.db.personal[record] = dict(names)
        return record

    async def set_up_identity(self, tx: Transaction, party: str, at: datetime) -> None:
        """Records that the person has an identity."""
        person = tx.db.parties[party]
        tx.db.parties[party] = replace(person, identity_at=person.identity_at or at)

    async def flag_undeliverable(self, tx: Transaction, party: str, code: str) -> None:
        """Records that a mail server refused the person's address."""
        tx.db.parties[party] = replace(tx.db.parties[party], undeliverable=code)

    async def seal_for(self, tx: Transaction, party: str, body: bytes) -> bytes:
        """The body, not encrypted."""
        return body

    async def open_for(self, tx: Transaction, party: str, sealed: bytes) -> bytes:
        """The body, which was not encrypted."""
        return sealed
