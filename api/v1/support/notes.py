"""Notes of staff about an order or a subscription."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer
from api.http.dependencies import NoteWriter, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import seen
from api.v1.responses import WRITE_HERE
from api.v1.support.bodies import WriteNote
from jalon.domain.kinds import KINDS, ORDER
from jalon.domain.transition import AuditEntry
from jalon.persistence.entities.entities import Entity
from jalon.persistence.operations import clocks, worklists
from jalon.persistence.people import notes

routes = APIRouter(prefix="/v1/support/entities", tags=["support"], route_class=StrictRoute)


class Note(Answer):
    """A note as it was written; `at` is the store's time, `recorded_at` real time."""

    id: int
    entity: str
    text: str
    actor: str
    role: str
    at: datetime
    recorded_at: datetime


@routes.post("/{entity_id}/notes", status_code=HTTPStatus.CREATED, responses=WRITE_HERE)
async def write_note(
    entity_id: str,
    body: WriteNote,
    caller: NoteWriter,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Note:
    """Adds a note to the history of an order or a subscription. Nobody changes it, and the customer never reads it.

    It is kept under the key of the buyer, of a subscription under that of its admin: erasing that person empties it.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, KINDS.of_id(entity_id) or ORDER, entity_id)
    party = about(entity)

    async def write(tx: AsyncConnection) -> dict[str, Any]:
        now = await clocks.clock_now(tx, entity.store)
        note = await notes.write(
            tx,
            resources.parties,
            store=entity.store,
            entity=entity.id,
            party=party,
            text=body.text,
            actor=caller.actor,
            role=caller.role,
            at=now,
        )
        entry = AuditEntry(
            now,
            caller.actor,
            caller.role,
            "write_note",
            None,
            None,
            {"before": None, "after": {"note": note}},
        )
        await worklists.record_audit(tx, entity.store, entity.id, entry)
        return {"note": note}

    outcome, _ = await submitter.settle_here(caller, idempotent, entity.store, "write_note", write)
    async with resources.sessions.of(entity.store) as tx:
        note = await notes.read(tx, resources.parties, outcome["note"])
    return Note(
        id=note.id,
        entity=entity.id,
        text=note.text,
        actor=note.actor,
        role=note.role,
        at=note.at,
        recorded_at=note.recorded_at,
    )


def about(entity: Entity) -> str:
    """The person whom the notes of an entity are about: the admin, or the buyer. Raises Problem where there is none yet."""
    party = entity.view.get("admin") or entity.view.get("buyer")
    if party is None:
        raise not_found("No buyer")
    return str(party)
