"""Signing in to the portal: one-time codes, and who is signed in (P3). Their clock is real time in every store."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.ids import new_id
from jalon.persistence.people.vault import Vault

CODE_DIGITS = 8
CODE_LASTS = timedelta(minutes=10)
TRIES_AT_MOST = 5
"""Wrong codes after which a code opens nothing; they are typed in the browser that asked for it."""
CODES_AT_MOST = 6
"""Codes for one person within an hour that a browser which they have signed in with can ask for, or all others of one network."""
STRANGERS_AT_MOST = 24
"""Codes for one person within an hour that all other browsers can ask for: what keeps a mailbox from being flooded.

With TRIES_AT_MOST it keeps guessing below one chance in 800,000 an hour.
"""
COUNTED_FOR = timedelta(hours=1)
SESSION_LASTS = timedelta(hours=12)
FRESH_FOR = timedelta(minutes=30)
"""For what a stranger at an open screen must not do, the last code may be no older than this."""


class Given(StrEnum):
    """What became of a code that somebody typed in."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Code:
    """A new code for a person, in clear, to be sent. It opens nothing from `over_at` on."""

    id: str
    digits: str
    over_at: datetime


@dataclass(frozen=True, slots=True)
class UsedUp:
    """No code: as many as may be were asked for within the hour. Another one may be from `again_at` on."""

    again_at: datetime


@dataclass(frozen=True, slots=True)
class Asker:
    """The browser that asks for a code: its token, whether the person has signed in with it before, and the network that it is in."""

    device: str
    is_known: bool
    network: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who is signed in. `is_fresh`: a code was given within FRESH_FOR."""

    party: str
    is_fresh: bool


# Two requests at once would not see each other's codes.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('sign-in code ' || :party, 0))")
# When the oldest code was made of those that use up what may be asked for; null while fewer were.
_USED_UP = text(
    """select (array_agg(created_at order by created_at desc) filter (where device_hash = :device))[:most] as by_device,
              (array_agg(created_at order by created_at desc) filter (where network_hash = :network))[:most] as by_network,
              (array_agg(created_at order by created_at desc) filter (where network_hash is not null))[:strangers] as by_strangers
       from sign_in_code where party_id = :party and created_at > clock_timestamp() - :within"""
)
_KEEP = text(
    """insert into sign_in_code (store_id, id, party_id, code_hash, device_hash, network_hash)
       values (:store, :id, :party, :hash, :device, :network) returning created_at"""
)
# The newest code of the browser is the only one that opens anything there.
_NEWEST = text(
    """select id, code_hash, tries,
              used_at is not null or created_at <= clock_timestamp() - make_interval(secs => :spent) - :lasts as is_over
       from sign_in_code where party_id = :party and device_hash = :device order by created_at desc limit 1 for update"""
)
_OVER_AT = text(
    """select created_at + cast(:lasts as interval) as over_at from
           (select created_at, used_at, tries from sign_in_code where party_id = :party and device_hash = :device
            order by created_at desc limit 1) as newest
       where used_at is null and tries < :tries and created_at > clock_timestamp() - :lasts"""
)
_TRIED = text("update sign_in_code set tries = tries + 1 where id = :id")
_USED = text("update sign_in_code set used_at = clock_timestamp() where id = :id")
_BEGIN = text(
    """insert into portal_session (store_id, token_hash, party_id, signed_in_at)
       values (:store, :hash, :party, case when :by_code then clock_timestamp() end)"""
)
_FIND = text(
    """select party_id, coalesce(signed_in_at > clock_timestamp() - make_interval(secs => :spent) - :fresh, false) as is_fresh
       from portal_session
       where token_hash = :hash and ended_at is null and created_at > clock_timestamp() - make_interval(secs => :spent) - :lasts"""
)
_REFRESH = text("update portal_session set signed_in_at = clock_timestamp() where token_hash = :hash")
_END = text(
    "update portal_session set ended_at = coalesce(ended_at, clock_timestamp()) where token_hash = :hash"
)
_FORGET = text("select forget_sign_ins()")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class SignIns:
    """Reads and writes codes and sessions inside a transaction of their store."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def new_code(self, tx: AsyncConnection, store: str, party: str, asker: Asker) -> Code | UsedUp:
        """A new code in place of any former one of this browser, unless too many were asked for within the hour.

        Nobody uses up the codes of a browser that the person has signed in with.
        """
        network = None if asker.is_known else self._vault.fingerprint(b"network", asker.network.encode())
        asked = {"party": party, "device": _hash(asker.device), "network": network}
        await tx.execute(_LOCK, {"party": party})
        limits = {"most": CODES_AT_MOST, "strangers": STRANGERS_AT_MOST, "within": COUNTED_FOR}
        used_up = (await tx.execute(_USED_UP, asked | limits)).one()
        full = [made for made in ((used_up.by_device,) if asker.is_known else used_up) if made is not None]
        if full:
            return UsedUp(max(full) + COUNTED_FOR)
        number, digits = new_id("sign_in_code"), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        kept = asked | {"store": store, "id": number, "hash": self._code_hash(number, digits)}
        made_at: datetime = (await tx.execute(_KEEP, kept)).scalar_one()
        return Code(number, digits, made_at + CODE_LASTS)

    async def over_at(self, tx: AsyncConnection, party: str, device: str) -> datetime | None:
        """Until when the code that this browser asked for can still be given; None where it opens nothing, or there is none."""
        asked = {"party": party, "device": _hash(device), "lasts": CODE_LASTS, "tries": TRIES_AT_MOST}
        over_at: datetime | None = (await tx.execute(_OVER_AT, asked)).scalar_one_or_none()
        return over_at

    def proof(self, party: str, device: str) -> str:
        """What a browser keeps beside its token once this person has signed in with it."""
        return self._vault.fingerprint(b"known browser", party.encode(), device.encode()).hex()

    def _code_hash(self, code: str, digits: str) -> bytes:
        return self._vault.fingerprint(b"sign-in code", code.encode(), digits.encode())

    async def give(
        self, tx: AsyncConnection, party: str, device: str, digits: str, spent: float = 0.0
    ) -> Given:
        """What a code that was typed in is worth in this browser. The right one is used up by it, and each wrong one counts.

        The request with it arrived `spent` seconds ago: that instant decides (G3).
        """
        asked = {"party": party, "device": _hash(device), "lasts": CODE_LASTS, "spent": spent}
        row = (await tx.execute(_NEWEST, asked)).one_or_none()
        if row is None:
            return Given.WRONG
        if row.is_over or row.tries >= TRIES_AT_MOST:
            return Given.OVER
        if not secrets.compare_digest(row.code_hash, self._code_hash(row.id, digits)):
            await tx.execute(_TRIED, {"id": row.id})
            return Given.WRONG
        await tx.execute(_USED, {"id": row.id})
        return Given.RIGHT

    async def begin(self, tx: AsyncConnection, store: str, party: str, *, by_code: bool) -> str:
        """The token of a new session; without a code it is never fresh (P3)."""
        token = secrets.token_urlsafe(32)
        told = {"store": store, "hash": _hash(token), "party": party, "by_code": by_code}
        await tx.execute(_BEGIN, told)
        return token

    async def find(self, tx: AsyncConnection, token: str, spent: float = 0.0) -> SignedIn | None:
        """Who was signed in by this token `spent` seconds ago, when the request arrived (G3); None where nobody was any more."""
        given = {"hash": _hash(token), "fresh": FRESH_FOR, "lasts": SESSION_LASTS, "spent": spent}
        row = (await tx.execute(_FIND, given)).one_or_none()
        return None if row is None else SignedIn(row.party_id, row.is_fresh)

    async def refresh(self, tx: AsyncConnection, token: str) -> None:
        """Records that the person of the session has just given a code."""
        await tx.execute(_REFRESH, {"hash": _hash(token)})

    async def end(self, tx: AsyncConnection, token: str) -> None:
        """Ends the session."""
        await tx.execute(_END, {"hash": _hash(token)})


async def forget(tx: AsyncConnection) -> int:
    """Deletes codes and sessions that have opened nothing for a day, and returns their number."""
    return int((await tx.execute(_FORGET)).scalar_one())
