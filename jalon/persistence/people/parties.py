"""People and their personal data, readable only through each person's own key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.addresses import read_address
from jalon.persistence.ids import new_id
from jalon.persistence.people.vault import Vault


@dataclass(frozen=True, slots=True)
class Party:
    """A person's data in plain text. `language` is fr or en; `identity_at` is when their identity was set up (T1)."""

    id: str
    email: str
    name: str
    company: str | None
    language: str
    identity_at: datetime | None
    undeliverable: str | None


_UPSERT = text(
    """insert into party (store_id, id, email_hash, language, wrapped_key) values (:store, :id, :hash, :language, :key)
       on conflict (store_id, email_hash) do update set email_hash = excluded.email_hash returning id, wrapped_key, body"""
)
_WRITE = text("update party set body = :body, language = :language where id = :id")
_READ = text(
    "select id, language, wrapped_key, body, identity_at, undeliverable from party where id = any(:ids)"
)
_BY_EMAIL = text("select id from party where email_hash = :hash")
_KEY = text("select wrapped_key from party where id = :id")
_RECORD = text(
    "insert into personal_record (store_id, id, party_id, kind, body) values (:store, :id, :party, :kind, :body)"
)
_OPEN_RECORD = text(
    "select r.kind, r.body, p.wrapped_key from personal_record r join party p on p.id = r.party_id where r.id = :id"
)
_IDENTITY = text("update party set identity_at = coalesce(identity_at, :at) where id = :id")
_UNDELIVERABLE = text("update party set undeliverable = :code where id = :id")


class Parties:
    """Reads and writes people inside a transaction of their store."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def remember(
        self, tx: AsyncConnection, store: str, *, email: str, name: str, company: str | None, language: str
    ) -> str:
        """The id of the person with this address in this store. Stores the person's name and language, replacing earlier ones.

        A company is replaced only by another company, the address by none: another spelling of it is the same person's.
        """
        row = await self._known(tx, store, email, language)
        former = {} if row.body is None else self._vault.open(row.wrapped_key, row.body)
        address = former.get("email") or read_address(email)
        told = {"email": address, "name": name.strip(), "company": company or former.get("company")}
        body = self._vault.seal(row.wrapped_key, told)
        await tx.execute(_WRITE, {"id": row.id, "body": body, "language": language})
        return str(row.id)

    async def meet(self, tx: AsyncConnection, store: str, *, email: str, name: str, language: str) -> str:
        """The id of the person with this address in this store. A person who is already stored is not changed."""
        row = await self._known(tx, store, email, language)
        if row.body is None:
            body = self._vault.seal(
                row.wrapped_key, {"email": read_address(email), "name": name.strip(), "company": None}
            )
            await tx.execute(_WRITE, {"id": row.id, "body": body, "language": language})
        return str(row.id)

    async def _known(self, tx: AsyncConnection, store: str, email: str, language: str) -> Row[Any]:
        return (
            await tx.execute(
                _UPSERT,
                {
                    "store": store,
                    "id": new_id("party"),
                    "hash": self._vault.email_hash(email),
                    "language": language,
                    "key": self._vault.new_person_key(),
                },
            )
        ).one()

    async def read(self, tx: AsyncConnection, *ids: str) -> dict[str, Party]:
        """The people with these ids; erased people are left out."""
        people: dict[str, Party] = {}
        for row in await tx.execute(_READ, {"ids": list(ids)}):
            if row.wrapped_key is None or row.body is None:
                continue
            body = self._vault.open(row.wrapped_key, row.body)
            people[row.id] = Party(
                id=row.id,
                email=body["email"],
                name=body["name"],
                company=body["company"],
                language=row.language,
                identity_at=row.identity_at,
                undeliverable=row.undeliverable,
            )
        return people

    async def find(self, tx: AsyncConnection, email: str) -> list[str]:
        """The ids of the people with exactly this address, one per visible store."""
        rows = await tx.execute(_BY_EMAIL, {"hash": self._vault.email_hash(email)})
        return [row.id for row in rows]

    async def keep(
        self, tx: AsyncConnection, store: str, party: str, kind: str, body: dict[str, Any] | bytes
    ) -> str:
        """Encrypts a record under the person's key, stores it and returns its id. Raises PersonErased."""
        wrapped = (await tx.execute(_KEY, {"id": party})).scalar_one()
        record = new_id("record")
        sealed = self._vault.seal(wrapped, body)
        await tx.execute(
            _RECORD, {"store": store, "id": record, "party": party, "kind": kind, "body": sealed}
        )
        return record

    async def recall(self, tx: AsyncConnection, record: str) -> dict[str, Any]:
        """The decrypted record. Raises PersonErased."""
        row = (await tx.execute(_OPEN_RECORD, {"id": record})).one()
        return self._vault.open(row.wrapped_key, row.body)

    async def seal_for(self, tx: AsyncConnection, party: str, body: bytes) -> bytes:
        """`body` encrypted under the person's key. Raises PersonErased."""
        return self._vault.seal((await tx.execute(_KEY, {"id": party})).scalar_one(), body)

    async def open_for(self, tx: AsyncConnection, party: str, sealed: bytes) -> bytes:
        """`sealed` decrypted with the person's key. Raises PersonErased."""
        return self._vault.open_bytes((await tx.execute(_KEY, {"id": party})).scalar_one(), sealed)

    async def set_up_identity(self, tx: AsyncConnection, party: str, at: datetime) -> None:
        """Records that the person has an identity from `at` on (T1)."""
        await tx.execute(_IDENTITY, {"id": party, "at": at})

    async def flag_undeliverable(self, tx: AsyncConnection, party: str, code: str | None) -> None:
        """Records that the person's mailbox refuses e-mail permanently, or with None that it accepts e-mail again."""
        await tx.execute(_UNDELIVERABLE, {"id": party, "code": code})
