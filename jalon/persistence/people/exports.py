"""Everything that a store holds about a person, read for an export: rows that name the person, and what is sealed under their key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.persistence.people.parties import Parties

AT_MOST = 5_000
"""The rows of one sort that an export holds. Nobody but a very large buyer has more."""

_PERSON = text("select language, undeliverable, identity_at, created_at from party where id = :party")
_RECORDS = text(
    "select id, kind, body, created_at from personal_record where party_id = :party order by created_at, id limit :most"
)
_DRAFTS = text(
    "select entity_id, body, saved_at from certificate_draft where party_id = :party order by saved_at limit :most"
)
_DOCUMENTS = text(
    """select id, entity_id, kind, language, media_type, sha256, body, created_at from document
       where party_id = :party order by created_at, id limit :most"""
)
_NOTES = text(
    "select entity_id, body, actor, role, at from support_note where party_id = :party order by id limit :most"
)
_ENTITIES = text(
    """with bought as (select id from entity where buyer_id = :party),
            mine as (select id from bought
                     union select e.id from bought b join entity e on e.order_id = b.id
                     union select entity_id from seat_holder where party_id = :party)
       select e.id, e.kind, e.number, e.order_id, e.status, e.created_at, e.purchase_order_number, e.view ->> 'product' as product,
              e.view ->> 'placed_at' as placed_at, e.view -> 'total' as total, e.view -> 'amount' as amount,
              e.view ->> 'ended_at' as ended_at, e.view ->> 'buyer' = :party as is_buyer, e.view ->> 'admin' = :party as is_admin,
              exists (select 1 from seat_holder s where s.entity_id = e.id and s.party_id = :party) as is_user
       from mine join entity e on e.id = mine.id order by e.created_at, e.id limit :most"""
)
_MAILS = text(
    """select entity_id, template, message_id, state, at, accepted_at, bounced from mail
       where party_id = :party order by recorded_at limit :most"""
)
_SIGN_INS = text(
    """select 'code' as what, created_at as at, used_at as until from sign_in_code where party_id = :party
       union all select 'session', created_at, ended_at from portal_session where party_id = :party
       order by 2 limit :most"""
)
_AUDIT = text(
    """select at, actor, role, action, rule, reason from audit where entity_id = :party order by id limit :most"""
)


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of an export by sort, each as plain values. Personal values are opened; `complete`: no sort had more than AT_MOST."""

    language: str
    undeliverable: str | None
    identity_at: datetime | None
    created_at: datetime
    records: list[dict[str, Any]]
    drafts: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    sign_ins: list[dict[str, Any]]
    audit: list[dict[str, Any]]

    @property
    def complete(self) -> bool:
        """Whether nothing was left out."""
        sorts = (
            self.records,
            self.documents,
            self.notes,
            self.entities,
            self.mails,
            self.sign_ins,
            self.audit,
        )
        return all(len(each) < AT_MOST for each in sorts)


async def read(tx: AsyncConnection, parties: Parties, party: str) -> Export:
    """All that is held about a person. Raises PersonErased."""

    async def rows(statement: TextClause, *, opens: bool = False) -> list[dict[str, Any]]:
        found = await tx.execute(statement, {"party": party, "most": AT_MOST})
        plain = [dict(row) for row in found.mappings()]
        for each in plain if opens else ():
            each["body"] = _read(await parties.open_for(tx, party, each["body"]))
        return plain

    person = (await tx.execute(_PERSON, {"party": party})).one()
    return Export(
        language=person.language,
        undeliverable=person.undeliverable,
        identity_at=person.identity_at,
        created_at=person.created_at,
        records=await rows(_RECORDS, opens=True),
        drafts=await rows(_DRAFTS, opens=True),
        documents=await rows(_DOCUMENTS, opens=True),
        notes=await rows(_NOTES, opens=True),
        entities=await rows(_ENTITIES),
        mails=await rows(_MAILS),
        sign_ins=await rows(_SIGN_INS),
        audit=await rows(_AUDIT),
    )


def _read(opened: bytes) -> Any:
    """A value as it was sealed: an object of JSON, else a text."""
    told = opened.decode("utf-8", "replace")
    try:
        return json.loads(told) if told[:1] in "{[" else told
    except ValueError:
        return told
