"""Links by which staff sign in at the console: each opens once, for LINK_LASTS. Only a hash of the token is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.staff import STAFF_ROLES
from jalon.persistence.operations import keys
from jalon.persistence.operations.keys import Key, UnknownRole

LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
PAGE = "/console/sign-in"


@dataclass(frozen=True, slots=True)
class StaffLink:
    """Whom a link signs in, in which role and for which stores."""

    person: str
    role: str
    stores: tuple[str, ...]
    issued_by: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link. `path` leads to its page and cannot be shown again; it opens nothing from `over_at` on."""

    path: str
    over_at: datetime


_MAKE = text(
    "select make_staff_link(:hash, :person, :role, cast(:stores as text[]), :issued_by, :accepted, cast(:lasts as interval))"
)
_FIND = text("select * from find_staff_link(:hash)")
_USE = text("select * from use_staff_link(:hash)")


async def make(
    tx: AsyncConnection, *, person: str, role: str, stores: Sequence[str], issued_by: str, accepted: bool
) -> MadeLink:
    """Makes a link for this person. `accepted`: nobody but the person sees it. Raises UnknownRole and NoPerson."""
    if role not in STAFF_ROLES:
        raise UnknownRole(f'"{role}" does not work at the console: {", ".join(STAFF_ROLES)} do')
    token = keys.new_token()
    told = {
        "hash": keys.token_hash(token),
        "person": keys.named(person),
        "role": role,
        "stores": list(stores),
        "issued_by": issued_by,
        "accepted": accepted,
        "lasts": LINK_LASTS,
    }
    over_at: datetime = (await tx.execute(_MAKE, told)).scalar_one()
    return MadeLink(f"{PAGE}/{token}", over_at)


async def make_for(tx: AsyncConnection, key: Key) -> MadeLink:
    """Makes a link that signs the person of this key in. The session is accepted as the key is. Raises UnknownRole."""
    return await make(
        tx,
        person=key.person,
        role=key.role,
        stores=key.stores,
        issued_by=key.issued_by,
        accepted=key.accepted_at is not None,
    )


async def find(tx: AsyncConnection, token: str) -> StaffLink | None:
    """The link with this token; None where it opens nothing."""
    row = (await tx.execute(_FIND, {"hash": keys.token_hash(token)})).one_or_none()
    return None if row is None else _link(row)


async def use(tx: AsyncConnection, token: str) -> str | None:
    """Uses the link up. Returns the token of a session for its person; None where the link opens nothing."""
    row = (await tx.execute(_USE, {"hash": keys.token_hash(token)})).one_or_none()
    if row is None:
        return None
    link = _link(row)
    return await keys.issue(
        tx,
        person=link.person,
        role=link.role,
        stores=link.stores,
        issued_by=link.issued_by,
        accepted=link.accepted,
        lasts=SESSION_LASTS,
    )


def _link(row: Row[Any]) -> StaffLink:
    return StaffLink(row.person, row.role, tuple(row.stores), row.issued_by, row.accepted)
