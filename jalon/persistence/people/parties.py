"""People and their personal data, readable only through each person's own key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.addresses import read_address
from jalon.persistence.ids import new_id
from jalon.persistence.people.vault import Vault


@dataclass(frozen=True, slots=True)
class Party:
    """A person's data in plain text. `language` is fr or en; `identity_at` is when their identity was set up (T1).

    Read by a record of names, the name, company and language are those that were given then; the rest is today's (X18).
    """

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
_CHANGE = text(
    "update party set body = :body, language = :language, email_hash = :hash, undeliverable = :code where id = :id"
)
_STORE = text("select store_id from party where id = :id")
_READ = text(
    """select id as asked, id, language, wrapped_key, body, null::bytea as given, identity_at, undeliverable
       from party where id = any(:ids)
       union all
       select r.id, p.id, p.language, p.wrapped_key, p.body, r.body, p.identity_at, p.undeliverable
       from personal_record r join party p on p.id = r.party_id where r.id = any(:ids) and r.kind = 'names'"""
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


class AddressTaken(Exception):
    """Another person of the store has this address."""


class Parties:
    """Reads and writes people inside a transaction of their store."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def meet(
        self,
        tx: AsyncConnection,
        store: str,
        *,
        email: str,
        name: str,
        language: str,
        company: str | None = None,
    ) -> str:
        """The id of the person with this address in this store. A person who is already stored is not changed (X18)."""
        row = await self._known(tx, store, email, language)
        if row.body is None:
            told = {"email": read_address(email), "name": name.strip(), "company": company}
            body = self._vault.seal(row.wrapped_key, told)
            await tx.execute(_WRITE, {"id": row.id, "body": body, "language": language})
        return str(row.id)

    async def change(self, tx: AsyncConnection, party: Party) -> None:
        """Stores the person's address, name, company and language. Names given with business stay as they were (X18).

        Raises AddressTaken where the address is another person's.
        """
        row = (await tx.execute(_READ, {"ids": [party.id]})).one()
        former = self._vault.open(row.wrapped_key, row.body)["email"]
        values = {
            "id": party.id,
            "body": self._vault.seal(
                row.wrapped_key, {"email": party.email, "name": party.name, "company": party.company}
            ),
            "language": party.language,
            "hash": self._vault.email_hash(party.email),
            "code": party.undeliverable if former == party.email else None,
        }
        try:
            async with tx.begin_nested():
                await tx.execute(_CHANGE, values)
        except IntegrityError as taken:
            raise AddressTaken from taken

    async def store_of(self, tx: AsyncConnection, party: str) -> str | None:
        """The store of the person with this id, if it is visible."""
        return (await tx.execute(_STORE, {"id": party})).scalar_one_or_none()

    async def keep_names(
        self,
        tx: AsyncConnection,
        store: str,
        party: str,
        names: Mapping[str, str | None],
        former: str | None = None,
    ) -> str:
        """The id of a record of the names as they were given: `name`, `company` and `language`. Equal ones keep the record `former`."""
        if former is not None and await self.recall(tx, former) == names:
            return former
        return await self.keep(tx, store, party, "names", dict(names))

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
        """The people with these ids, or with the names of these records, by what was asked for. Erased people are left out."""
        people: dict[str, Party] = {}
        for row in await tx.execute(_READ, {"ids": list(ids)}):
            if row.wrapped_key is None or row.body is None:
                continue
            body = self._vault.open(row.wrapped_key, row.body)
            names = body | {"language": row.language}
            if row.given is not None:
                names |= self._vault.open(row.wrapped_key, row.given)
            people[row.asked] = Party(
                id=row.id,
                email=body["email"],
                name=names["name"],
                company=names["company"],
                language=names["language"],
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
