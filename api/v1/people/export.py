"""The export of a person's data: everything that a store holds about them, to be given to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from api.http.answers import Answer, Person
from api.http.dependencies import Exporter, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.rendering import person
from api.v1.responses import READ
from jalon.domain.transition import AuditEntry
from jalon.persistence.operations import clocks, worklists
from jalon.persistence.people import exports
from jalon.persistence.people.vault import PersonErased

routes = APIRouter(prefix="/v1/people", tags=["people"], route_class=StrictRoute)


class KeptRecord(Answer):
    """A record under the person's key: names as they were given (names, former), an address, a certificate's answers, a signature."""

    id: str
    kind: str
    at: datetime
    content: Any


class KeptDocument(Answer):
    """A document as it was shown or signed, with its text."""

    id: str
    entity: str
    kind: str
    language: str
    media_type: str
    sha256: str
    at: datetime
    content: str


class PersonalNote(Answer):
    """A note of staff about an order or a subscription of the person."""

    entity: str
    text: str
    actor: str
    role: str
    at: datetime


class Involvement(Answer):
    """An order or a subscription with which the person has to do, and as what: buyer, admin, user."""

    id: str
    kind: str
    number: str | None
    order: str | None
    roles: list[str]
    status: str
    product: str | None
    purchase_order_number: str | None
    placed_at: str | None
    ended_at: str | None
    amount: Mapping[str, str] | None
    at: datetime


class WrittenTo(Answer):
    """An e-mail to the person."""

    id: str
    entity: str
    template: str
    state: str
    at: datetime
    accepted_at: datetime | None
    bounced: str | None


class SignedIn(Answer):
    """A code that was sent to sign in, used at `until`; or a session at the portal, ended at `until`."""

    what: str
    at: datetime
    until: datetime | None


class Changed(Answer):
    """What staff did to the person's data, and why."""

    at: datetime
    actor: str
    role: str
    action: str
    rule: str | None
    reason: str | None


class PersonExport(Answer):
    """Everything that the store holds about a person. `complete` is false where a list holds 5,000 rows and there are more."""

    person: Person
    store: str
    exported_at: datetime
    complete: bool
    created_at: datetime
    identity_at: datetime | None
    records: list[KeptRecord]
    certificate_drafts: list[KeptRecord]
    documents: list[KeptDocument]
    notes: list[PersonalNote]
    involvements: list[Involvement]
    mails: list[WrittenTo]
    sign_ins: list[SignedIn]
    changes: list[Changed]


@routes.get("/{party_id}/export", responses=READ)
async def export_person(party_id: str, caller: Exporter, resources: TheResources) -> PersonExport:
    """Everything that the store holds about a person, readable, to be given to them. Every export is audited.

    Other people's data is left out: an order or a subscription is told by its own facts and by what the person is to it.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        store = await resources.parties.store_of(tx, party_id)
        if store is None:
            raise not_found("No person")
        people = await resources.parties.read(tx, party_id)
        if party_id not in people:
            raise PersonErased("this person was erased")
        found = await exports.read(tx, resources.parties, party_id)
        now = await clocks.clock_now(tx, store)
        entry = AuditEntry(now, caller.actor, caller.role, "export_person", None, None, {})
        await worklists.record_audit_of_person(tx, store, party_id, entry)
    return PersonExport(
        person=person(party_id, people),
        store=store,
        exported_at=now,
        complete=found.complete,
        created_at=found.created_at,
        identity_at=found.identity_at,
        records=[
            KeptRecord(id=each["id"], kind=each["kind"], at=each["created_at"], content=each["body"])
            for each in found.records
        ],
        certificate_drafts=[
            KeptRecord(
                id=each["entity_id"], kind="certificate_draft", at=each["saved_at"], content=each["body"]
            )
            for each in found.drafts
        ],
        documents=[_document(each) for each in found.documents],
        notes=[
            PersonalNote(
                entity=each["entity_id"],
                text=each["body"],
                actor=each["actor"],
                role=each["role"],
                at=each["at"],
            )
            for each in found.notes
        ],
        involvements=[_involvement(each) for each in found.entities],
        mails=[_mail(each) for each in found.mails],
        sign_ins=[SignedIn(**each) for each in found.sign_ins],
        changes=[Changed(**each) for each in found.audit],
    )


def _document(row: Mapping[str, Any]) -> KeptDocument:
    return KeptDocument(
        id=row["id"],
        entity=row["entity_id"],
        kind=row["kind"],
        language=row["language"],
        media_type=row["media_type"],
        sha256=row["sha256"],
        at=row["created_at"],
        content=str(row["body"]),
    )


def _involvement(row: Mapping[str, Any]) -> Involvement:
    roles = {"buyer": row["is_buyer"], "admin": row["is_admin"], "user": row["is_user"]}
    return Involvement(
        id=row["id"],
        kind=row["kind"],
        number=row["number"],
        order=row["order_id"],
        roles=[name for name, holds in roles.items() if holds],
        status=row["status"],
        product=row["product"],
        purchase_order_number=row["purchase_order_number"],
        placed_at=row["placed_at"],
        ended_at=row["ended_at"],
        amount=row["total"] or row["amount"],
        at=row["created_at"],
    )


def _mail(row: Mapping[str, Any]) -> WrittenTo:
    return WrittenTo(
        id=row["message_id"],
        entity=row["entity_id"],
        template=row["template"],
        state=row["state"],
        at=row["at"],
        accepted_at=row["accepted_at"],
        bounced=row["bounced"],
    )
