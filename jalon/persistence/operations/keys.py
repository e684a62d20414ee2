"""API keys: who may call the API, for which stores, in which role. Only a hash of the token is stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.texts import read_person
from jalon.persistence.ids import new_id

PREFIX = "jln_"
ROLES = ("storefront", "partner", "support", "ops", "compliance", "admin")
EVERY_STORE = "*"


class UnknownRole(ValueError):
    """A key was asked for in a role that does not exist."""


class NoPerson(ValueError):
    """A key was asked for in a name that no person or system can have."""


COMMAND_LINE = "command line"
"""The issuer recorded for keys that the command line issues or revokes, which needs no key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its token. `person` is the person or system it belongs to; `stores` may be ("*",).

    `accepted_at` is when its person exchanged the token that the issuer saw; until then the issuer holds the key as well.
    `expires_at` is when a session ends by itself; a key that programs hold has none.
    """

    id: str
    person: str
    role: str
    stores: tuple[str, ...]
    created_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None
    issued_by: str
    revoked_by: str | None
    expires_at: datetime | None

    @property
    def is_session(self) -> bool:
        """Whether it is the session of somebody who signed in."""
        return self.expires_at is not None


_ISSUE = text(
    "select issue_key(:id, :hash, :person, :role, cast(:stores as text[]), :issued_by, :accepted, cast(:lasts as interval))"
)
_BY_HASH = text("select * from find_key(:hash)")
_BY_ID = text("select * from known_key where id = :id")
_ALL = text("select * from known_key order by id")
_ACCEPT = text("select accept_key(:held, :fresh)")
_REVOKE = text("select revoke_key(:id, :by)")


def _key(row: Row[Any]) -> Key:
    return Key(
        row.id,
        row.person,
        row.role,
        tuple(row.stores),
        row.created_at,
        row.accepted_at,
        row.revoked_at,
        row.issued_by,
        row.revoked_by,
        row.expires_at,
    )


def token_hash(token: str) -> bytes:
    """The stored hash of a token. Plain SHA-256 suffices because a token is 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """A token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def named(person: str) -> str:
    """The name of a person or system as it is kept. Raises NoPerson."""
    try:
        return read_person(person)
    except ValueError as wrong:
        raise NoPerson(f'"{person}" {wrong}') from None


async def issue(
    tx: AsyncConnection,
    *,
    person: str,
    role: str,
    stores: Sequence[str],
    issued_by: str = COMMAND_LINE,
    accepted: bool = False,
    lasts: timedelta | None = None,
) -> str:
    """Makes a key and returns its token, which cannot be shown again. Raises UnknownRole and NoPerson.

    `stores` are store ids, or ("*",) for every store of the installation, those still to come included. `accepted`: nobody but the
    person sees the token. With `lasts` the key is a session, which ends by itself.
    """
    if role not in ROLES:
        raise UnknownRole(f'"{role}" is no role: there are {", ".join(ROLES)}')
    name = named(person)
    token = new_token()
    await tx.execute(
        _ISSUE,
        {
            "id": new_id("key"),
            "hash": token_hash(token),
            "person": name,
            "role": role,
            "stores": list(stores),
            "issued_by": issued_by,
            "accepted": accepted,
            "lasts": lasts,
        },
    )
    return token


async def accept(tx: AsyncConnection, token: str) -> str | None:
    """Exchanges the token of a key for a fresh one, which its issuer never saw. None where no key has this token, or it was revoked."""
    fresh = new_token()
    held = {"held": token_hash(token), "fresh": token_hash(fresh)}
    return fresh if (await tx.execute(_ACCEPT, held)).scalar_one() else None


async def find(tx: AsyncConnection, token: str) -> Key | None:
    """The key with this token, or None where it was revoked or never issued."""
    row = (await tx.execute(_BY_HASH, {"hash": token_hash(token)})).one_or_none()
    return None if row is None else _key(row)


async def read(tx: AsyncConnection, key: str) -> Key | None:
    """The key with this id, revoked or not."""
    row = (await tx.execute(_BY_ID, {"id": key})).one_or_none()
    return None if row is None else _key(row)


async def list_keys(tx: AsyncConnection) -> list[Key]:
    """Every key ever issued, oldest first."""
    return [_key(row) for row in await tx.execute(_ALL)]


async def revoke(tx: AsyncConnection, key: str, revoked_by: str = COMMAND_LINE) -> bool:
    """Revokes the key with this id permanently. False when there is none, or it was revoked before."""
    return bool((await tx.execute(_REVOKE, {"id": key, "by": revoked_by})).scalar_one())
