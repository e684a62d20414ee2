"""People: an audited change of where a person's mail goes and of how the person is named (X18)."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Person
from api.http.dependencies import Canceller, TheResources
from api.http.errors import not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.rendering import person
from api.http.writing import Idempotent, TheSubmitter
from api.v1.orders.carts import language_in
from api.v1.people.bodies import ChangePerson
from api.v1.responses import WRITE_HERE
from jalon.domain.error_codes import ErrorCode
from jalon.domain.transition import AuditEntry
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.inbox.notices import announce_to_new_address
from jalon.persistence.inbox.receipts import Receipt
from jalon.persistence.operations import clocks, worklists
from jalon.persistence.people.parties import AddressTaken, Parties, Party

routes = APIRouter(prefix="/v1/people", tags=["people"], route_class=StrictRoute)


@routes.post("/{party_id}/changes", responses=WRITE_HERE)
async def change_person(
    party_id: str,
    body: ChangePerson,
    caller: Canceller,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Person:
    """Changes a person's contact address, name, company or language from now on, and records who asked and why.

    What was placed, screened or signed keeps the names of then; every later e-mail goes to the new address (X18). A notice of a renewal
    that did not reach the former address is sent again (X16).
    """
    async with resources.sessions.of(*caller.stores) as tx:
        store = await resources.parties.store_of(tx, party_id)
    if store is None:
        raise not_found("No person")

    async def change(tx: AsyncConnection) -> dict[str, Any]:
        before = (await resources.parties.read(tx, party_id)).get(party_id)
        if before is None:
            raise not_found("No person")
        asked = body.asked()
        if "language" in asked:
            asked["language"] = language_in(resources.policies[store], body.language)
        after = replace(before, **asked)
        changed = sorted(name for name in asked if getattr(before, name) != getattr(after, name))
        try:
            await resources.parties.change(tx, after)
        except AddressTaken:
            raise _address_taken() from None
        await _note(tx, resources.parties, caller, store, body.reason, before, after, changed)
        if "email" in changed:
            live = resources.is_live(store)
            key = f"address/{idempotent.key}"
            told = await announce_to_new_address(tx, store, party_id, key, actor=caller.actor, live=live)
            unsent.extend(told)
        return {"person": party_id, "changed": changed}

    unsent: list[list[Receipt]] = []
    await submitter.settle_here(caller, idempotent, store, "change_person", change)
    for batch in unsent:
        await submitter.deliver(batch[-1], batch)
    async with resources.sessions.of(store) as tx:
        return person(party_id, await resources.parties.read(tx, party_id))


async def _note(
    tx: AsyncConnection,
    parties: Parties,
    caller: Caller,
    store: str,
    reason: str,
    before: Party,
    after: Party,
    changed: list[str],
) -> None:
    """Records who changed which fields. What they held before and after is kept under the person's key."""
    kept = {
        "before": {name: getattr(before, name) for name in changed},
        "after": {name: getattr(after, name) for name in changed},
    }
    record = await parties.keep(tx, store, before.id, "former", kept)
    data = {"changed": changed, "record": record}
    now = await clocks.clock_now(tx, store)
    entry = AuditEntry(now, caller.actor, caller.role, "change_person", "X18", reason, data)
    await worklists.record_audit_of_person(tx, store, before.id, entry)


def _address_taken() -> Exception:
    message = "Another person of this store has this address already; use that person, or another address."
    return refusal(HTTPStatus.CONFLICT, [Violation(ErrorCode.ADDRESS_TAKEN, message, "/email", "X18")])
