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
from jalon.domain.searching import person_keys
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
# By what support finds the person is remembered in the statement that seals it: one round trip, and never the one without the other.
_REMEMBERED = "remember_person({party}, cast(:fields as text[]), cast(:keys as text[]), cast(:wholes as boolean[]), {moved})"
_WRITE = text(
    f"""with written as (update party set body = :body, language = :language where id = :id returning id)
        select {_REMEMBERED.format(party="id", moved="false")} from written"""
)
_CHANGE = text(
    f"""with written as (
            update party set body = :body, language = :language, email_hash = :hash, undeliverable = :code where id = :id returning id
        )
        select {_REMEMBERED.format(party="id", moved="true")} from written"""
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
_NAMES = text(
    f"""with kept as (
            insert into personal_record (store_id, id, party_id, kind, body) values (:store, :id, :party, 'names', :body) returning party_id
        )
        select {_REMEMBERED.format(party="party_id", moved="false")} from kept"""
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
            await tx.execute(_WRITE, {"id": row.id, "body": body, "language": language, **found_by(told)})
        return str(row.id)

    async def change(self, tx: AsyncConnection, party: Party) -> None:
        """Stores the person's address, name, company and language. Names given with business stay as they were (X18).

        Raises AddressTaken where the address is another person's.
        """
        row = (await tx.execute(_READ, {"ids": [party.id]})).one()
        former = self._vault.open(row.wrapped_key, row.body)["email"]
        told = {"email": party.email, "name": party.name, "company": party.company}
        values = {
            **found_by(told),
            "id": party.id,
            "body": self._vault.seal(row.wrapped_key, told),
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
        """The id of a record of the names as they were given: `name`, `company` and `language`. Equal ones keep the record `former`.

        Support finds the person by these names too.
        """
        if former is not None and await self.recall(tx, former) == names:
            return former
        values = await self._sealed(tx, store, party, dict(names))
        await tx.execute(_NAMES, values | found_by(names))
        return str(values["id"])

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
        values = await self._sealed(tx, store, party, body)
        await tx.execute(_RECORD, values | {"kind": kind})
        return str(values["id"])

    async def _sealed(
        self, tx: AsyncConnection, store: str, party: str, body: dict[str, Any] | bytes
    ) -> dict[str, Any]:
        sealed = await self.seal_for(tx, party, body)
        return {"store": store, "id": new_id("record"), "party": party, "body": sealed}

    async def recall(self, tx: AsyncConnection, record: str) -> dict[str, Any]:
        """The decrypted record. Raises PersonErased."""
        row = (await tx.execute(_OPEN_RECORD, {"id": record})).one()
        return self._vault.open(row.wrapped_key, row.body)

    async def seal_for(self, tx: AsyncConnection, party: str, body: dict[str, Any] | bytes) -> bytes:
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


def found_by(*every: Mapping[str, str | None]) -> dict[str, list[Any]]:
    """The texts by which a person is found who told all of these values, as the parameters of `remember_person`."""
    keys = dict.fromkeys(
        key
        for told in every
        for key in person_keys(email=told.get("email"), name=told.get("name"), company=told.get("company"))
    )
    return {
        "fields": [str(each.field) for each in keys],
        "keys": [each.key for each in keys],
        "wholes": [each.whole for each in keys],
    }
