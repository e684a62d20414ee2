"""An admin whom nobody reaches is followed by another person: asked for by one of staff with evidence, approved by another.

What follows is a transfer as an admin makes it: the new admin accepts by e-mail, is screened where the order was, and the switch is one.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer, Person
from api.http.dependencies import Recoverer, Searcher, TheResources
from api.http.errors import Problem, not_found
from api.http.json_bodies import StrictRoute
from api.http.rendering import person
from api.http.resources import ApiResources
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import seen
from api.v1.orders.carts import language_in
from api.v1.responses import READ, WRITE, WRITE_HERE
from api.v1.subscriptions.answers import Subscription
from api.v1.subscriptions.sending import composed
from api.v1.support.bodies import AskRecovery, DecideRecovery
from jalon.domain.compliance.reviewers import DecidingKey, two_people
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.transition import AuditEntry
from jalon.inbox.caller import Caller
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.operations import clocks, keys, worklists
from jalon.persistence.people import recoveries
from jalon.persistence.people.recoveries import Decision, Recovery
from workflows.engine.commands import Command
from workflows.subscription.commands import TransferAdmin

routes = APIRouter(prefix="/v1/support/entities", tags=["support"], route_class=StrictRoute)

RecoveryNumber = Annotated[int, Path(ge=1, lt=2**63)]


class AdminRecovery(Answer):
    """A request to put another person in as admin. `evidence` is empty once the successor was erased.

    `why` is the reason of whoever decided.
    """

    id: int
    entity: str
    state: Literal["awaiting_approval", "approved", "refused"]
    successor: Person
    reason: str
    evidence: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    refused_by: str | None
    refused_at: datetime | None
    why: str | None


class AdminRecoveryList(Answer):
    """The requests of a subscription, the latest first."""

    data: list[AdminRecovery]


@routes.get("/{entity_id}/admin-recoveries", responses=READ)
async def list_admin_recoveries(
    entity_id: str, caller: Searcher, resources: TheResources
) -> AdminRecoveryList:
    """The requests to put another person in as admin of a subscription."""
    async with resources.sessions.of(*caller.stores) as tx:
        await seen(tx, SUBSCRIPTION, entity_id)
        found = await recoveries.of_entity(tx, resources.parties, entity_id)
        return AdminRecoveryList(data=[await _answer(tx, resources, each) for each in found])


@routes.post("/{entity_id}/admin-recoveries", status_code=HTTPStatus.CREATED, responses=WRITE_HERE)
async def ask_admin_recovery(
    entity_id: str,
    body: AskRecovery,
    caller: Recoverer,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> AdminRecovery:
    """Asks that another person follow an admin whom nobody reaches, with the evidence for it. Nothing happens before another approves."""
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, SUBSCRIPTION, entity_id)

    async def ask(tx: AsyncConnection) -> dict[str, Any]:
        now = await clocks.clock_now(tx, entity.store)
        policy = resources.policies[entity.store]
        successor = await resources.parties.meet(
            tx, entity.store, email=body.email, name=body.name, language=language_in(policy, body.language)
        )
        number = await recoveries.ask(
            tx,
            resources.parties,
            entity.store,
            entity.id,
            successor,
            admin=subscription_of(entity.view).admin,
            reason=body.reason,
            evidence=body.evidence,
            key=await _key_of(tx, caller),
            at=now,
        )
        facts = {
            "recovery": number,
            "before": {"admin": subscription_of(entity.view).admin, "state": None},
            "after": {"admin": successor, "state": "awaiting_approval"},
        }
        entry = AuditEntry(now, caller.actor, caller.role, "ask_admin_recovery", "X11", body.reason, facts)
        await worklists.record_audit(tx, entity.store, entity.id, entry)
        return {"recovery": number}

    outcome, _ = await submitter.settle_here(caller, idempotent, entity.store, "ask_admin_recovery", ask)
    async with resources.sessions.of(entity.store) as tx:
        return await _answer(tx, resources, await _known(tx, resources, entity.id, outcome["recovery"]))


@routes.post("/{entity_id}/admin-recoveries/{recovery}/approve", responses=WRITE, response_model=Subscription)
async def approve_admin_recovery(
    entity_id: str,
    recovery: RecoveryNumber,
    body: DecideRecovery,
    caller: Recoverer,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Subscription | JSONResponse:
    """Approves the request as a second person, and begins the transfer: the new admin is asked by e-mail and screened (X11, X19).

    The present admin keeps every right until the new one accepts. A listed user takes over at once.
    """

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        store = target_state.store or ""
        asked = await _known(tx, resources, entity_id, recovery)
        key = await _key_of(tx, caller)
        if not two_people(key, asked.asked_by):
            detail = "Whoever asked, or issued one of the two keys, does not approve; a second, different person must."
            raise Problem(HTTPStatus.CONFLICT, ErrorCode.SAME_REVIEWER, detail, rule="T6")
        now = await clocks.clock_now(tx, store)
        await _decide(tx, store, recovery, Decision(True, key.person, now, body.reason))
        facts = {
            "recovery": recovery,
            "asked_by": asked.asked_by.person,
            "before": {"state": "awaiting_approval"},
            "after": {"admin": asked.party, "state": "approved"},
        }
        entry = AuditEntry(
            now, caller.actor, caller.role, "approve_admin_recovery", "X11", body.reason, facts
        )
        await worklists.record_audit(tx, store, entity_id, entry)
        seats = subscription_of(target_state.view or {}).seats
        seat = next(
            (each.number for each in seats if each.party == asked.party and each.state == "assigned"), None
        )
        return TransferAdmin(asked.party, seat)

    return await composed(caller, idempotent, submitter, entity_id, compose)


@routes.post("/{entity_id}/admin-recoveries/{recovery}/refuse", responses=WRITE_HERE)
async def refuse_admin_recovery(
    entity_id: str,
    recovery: RecoveryNumber,
    body: DecideRecovery,
    caller: Recoverer,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> AdminRecovery:
    """Refuses the request: nobody can approve it any more, and the admin stays. Whoever asked may take it back so."""
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, SUBSCRIPTION, entity_id)
        await _known(tx, resources, entity.id, recovery)

    async def refuse(tx: AsyncConnection) -> dict[str, Any]:
        now = await clocks.clock_now(tx, entity.store)
        key = await _key_of(tx, caller)
        await _decide(tx, entity.store, recovery, Decision(False, key.person, now, body.reason))
        facts = {
            "recovery": recovery,
            "before": {"state": "awaiting_approval"},
            "after": {"state": "refused"},
        }
        entry = AuditEntry(now, caller.actor, caller.role, "refuse_admin_recovery", "X11", body.reason, facts)
        await worklists.record_audit(tx, entity.store, entity.id, entry)
        return {"recovery": recovery}

    await submitter.settle_here(caller, idempotent, entity.store, "refuse_admin_recovery", refuse)
    async with resources.sessions.of(entity.store) as tx:
        return await _answer(tx, resources, await _known(tx, resources, entity.id, recovery))


async def _decide(tx: AsyncConnection, store: str, recovery: int, decision: Decision) -> None:
    if not await recoveries.decide(tx, store, recovery, decision):
        detail = "Somebody decided on this request already. Read it, and ask anew if another person is to follow the admin."
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.RECOVERY_DECIDED, detail)


async def _key_of(tx: AsyncConnection, caller: Caller) -> DecidingKey:
    key = await keys.read(tx, caller.key or "")
    if key is None:
        raise not_found("No key")
    return DecidingKey(key.person, key.issued_by, caller.accepted and key.accepted_at is not None)


async def _known(tx: AsyncConnection, resources: ApiResources, entity: str, number: int) -> Recovery:
    found = await recoveries.read(tx, resources.parties, entity, number)
    if found is None:
        raise not_found("No request")
    return found


async def _answer(tx: AsyncConnection, resources: ApiResources, found: Recovery) -> AdminRecovery:
    people = await resources.parties.read(tx, found.party)
    decision = found.decision
    approval = decision if decision and decision.approved else None
    refusal = decision if decision and not decision.approved else None
    return AdminRecovery(
        id=found.id,
        entity=found.entity,
        state="approved" if approval else "refused" if refusal else "awaiting_approval",
        successor=person(found.party, people),
        reason=found.reason,
        evidence=found.evidence or "",
        asked_by=found.asked_by.person,
        asked_at=found.at,
        approved_by=approval.person if approval else None,
        approved_at=approval.at if approval else None,
        refused_by=refusal.person if refusal else None,
        refused_at=refusal.at if refusal else None,
        why=decision.why if decision else None,
    )
