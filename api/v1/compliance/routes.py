"""Compliance: holds with their evidence, and decisions by two different people (T4–T6)."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import HoldReader, Reviewer, TheResources
from api.http.errors import Problem, not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.resources import ApiResources
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.compliance.answers import (
    CertificateAnswer,
    CertificateEvidence,
    HoldEvidence,
    HoldPage,
    held_answer,
)
from api.v1.lists import After, Limit, StoreQuery, clocks_of, cursor_of, place_of, seen, show_all
from api.v1.operations.bodies import Decide
from api.v1.orders.answers import Hold, Order, hold_answer, order_answer
from api.v1.responses import LIST_IN_STORE, READ, WRITE
from api.v1.subscriptions.answers import Subscription, subscription_answer
from api.v1.targets import known_order, known_subscription
from api.v1.writes import written
from jalon.domain.compliance.certificates import QUESTIONS
from jalon.domain.compliance.reviewers import DecidingKey, two_people
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import ORDER, SUBSCRIPTION, Kind
from jalon.domain.refusals import hold_not_open, nothing_on_hold
from jalon.domain.statuses import OrderStatus
from jalon.domain.transition import AuditEntry
from jalon.domain.violations import Violation
from jalon.inbox.caller import Caller
from jalon.persistence.entities import holds
from jalon.persistence.entities.entities import Entity
from jalon.persistence.entities.projections import held_in, order_of
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.operations import clocks, keys, worklists
from jalon.persistence.people.vault import PersonErased
from workflows.engine.commands import Command
from workflows.shared_steps.holds import DecideHold

routes = APIRouter(prefix="/v1/compliance", tags=["compliance"], route_class=StrictRoute)


@routes.get("/holds", responses=LIST_IN_STORE)
async def list_holds(
    caller: HoldReader,
    resources: TheResources,
    store: StoreQuery = None,
    limit: Limit = 50,
    after: After = None,
) -> HoldPage:
    """Orders on export hold, and subscriptions of which a new admin or a user is held (X19), the oldest hold first.

    Each with its reasons and decisions so far. A subscription stands here once, at the place of its oldest hold, with all its `holds`.
    """
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        last = place_of(after) if after is not None else None
        found = await worklists.holds(tx, limit + 1, last)
        data = await show_all(tx, resources.parties, found[:limit], caller.role, held_answer)
        now = await clocks_of(tx, found[:limit])
    more = len(found) > limit
    return HoldPage(data=data, has_more=more, next=_cursor(found[limit - 1]) if more else None, clocks=now)


def _cursor(held: Entity) -> str:
    oldest = held.view["holds"][0] if held.kind == SUBSCRIPTION.name else held.view["hold"]
    return cursor_of(oldest["opened_at"], held.id)


def _kind(entity: str) -> Kind[Any]:
    return SUBSCRIPTION if SUBSCRIPTION.is_id(entity) else ORDER


@routes.get("/holds/{held_id}", responses=READ)
async def read_hold(held_id: str, caller: HoldReader, resources: TheResources) -> HoldEvidence:
    """The hold of an order, or the holds of a subscription, with the answers of the order's end-use certificate in plain text.

    `hold` is the oldest one of a subscription, whose `holds` are all that are open. Every read is audited.
    """
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, _kind(held_id), held_id)
        order_hold = hold_answer(held_in(entity.view), caller.role)
        if order_hold is None:
            raise not_found("No hold")
        hold: Hold = order_hold
        subscription = None
        bought = entity
        if entity.kind == SUBSCRIPTION.name:
            (subscription,) = await show_all(
                tx, resources.parties, [entity], caller.role, subscription_answer
            )
            hold = next(iter(subscription.holds), hold)
            bought = await seen(tx, ORDER, subscription.order_id)
        (order,) = await show_all(tx, resources.parties, [bought], caller.role, order_answer)
        certificate = await _certificate(tx, resources, order_of(bought.view).certificate)
        now = await clocks.clock_now(tx, entity.store)
        await _note_look(tx, caller, entity, now)
    return HoldEvidence(order=order, subscription=subscription, hold=hold, certificate=certificate, now=now)


async def _certificate(
    tx: AsyncConnection, resources: ApiResources, record: str | None
) -> CertificateEvidence | None:
    if record is None:
        return None
    try:
        answers = await resources.parties.recall(tx, record)
    except PersonErased:
        return CertificateEvidence(record=record, erased=True)
    asked = [
        CertificateAnswer(
            question=question.key,
            asks=question.asks,
            answer=answers.get(question.key),
            on_yes=question.on_yes,
        )
        for question in QUESTIONS
    ]
    return CertificateEvidence(record=record, answers=asked)


async def _note_look(tx: AsyncConnection, caller: Caller, held: Entity, now: datetime) -> None:
    entry = AuditEntry(now, caller.actor, caller.role, "view_evidence", "T5", None, {held.kind: held.id})
    await worklists.record_audit(tx, held.store, held.id, entry)


async def _note_decision(
    tx: AsyncConnection, caller: Caller, store: str, order: str, turn: int, body: Decide
) -> None:
    """Notes the decision, and in the audit who issued the key it was made with. Raises Problem where two keys are not two people (T6)."""
    # Two decisions at once would not see each other.
    await receipts.lock_inbox(tx, order)
    key = await keys.read(tx, caller.key or "")
    if key is None:
        raise not_found("No key")
    # The token that the issuer saw is known for a moment after its person exchanged it.
    deciding = DecidingKey(key.person, key.issued_by, caller.accepted and key.accepted_at is not None)
    released = await holds.released_by(tx, order, turn)
    if not await holds.decide_hold(tx, store, order, turn, deciding, body.decision):
        raise _same("You decided on this hold already; a second, different person must decide.")
    if body.decision == "release" and not all(two_people(deciding, other) for other in released):
        raise _same(
            "Whoever issued your key, or the first reviewer's, may have made both decisions. Accept your key "
            "(`jalon keys accept`), and let a person decide who issued neither."
        )
    facts = {"key": key.id, "issued_by": key.issued_by, "accepted": deciding.accepted}
    at = await clocks.clock_now(tx, store)
    entry = AuditEntry(at, caller.actor, caller.role, "use_key", "T6", None, facts)
    await worklists.record_audit(tx, store, order, entry)


def _same(detail: str) -> Problem:
    return Problem(HTTPStatus.CONFLICT, ErrorCode.SAME_REVIEWER, detail, rule="T6")


@routes.post("/holds/{held_id}/decisions", responses=WRITE, response_model=Order | Subscription)
async def decide_hold(
    held_id: str, body: Decide, caller: Reviewer, idempotent: Idempotent, submitter: TheSubmitter
) -> Order | Subscription | JSONResponse:
    """Releases or rejects a hold. One rejection ends the order, or the transfer, or frees the seat; two different people release it.

    The decision is on the open hold of its `turn`, which it names where a subscription has several (X19).
    """

    async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
        turn = _turn_meant(held_id, body.turn, target_state)
        await _note_decision(tx, caller, target_state.store or "", held_id, turn, body)
        return DecideHold(body.decision, body.reason, turn)

    submission = await submitter.submit(caller, idempotent, existing(_kind(held_id), held_id), compose)
    return written(submission, caller, held_answer)


def _turn_meant(held: str, named: int | None, target_state: TargetState) -> int:
    """The turn of the open hold that a decision is on.

    An order has one hold at a time; of several holds of a subscription the decision names it (X19). Raises Problem where it names none of
    several, or none that is open: no decision is recorded that is not noted under its hold (T6).
    """
    if SUBSCRIPTION.is_id(held):
        subscription = known_subscription(target_state)
        turns = [hold.turn for hold in subscription.holds]
        kind, status = SUBSCRIPTION.name, str(subscription.status)
        if named is None and len(turns) > 1:
            raise _turn_missing()
    else:
        order = known_order(target_state)
        is_held = order.status is OrderStatus.EXPORT_HOLD
        turns = [order.hold.turn] if order.hold is not None and is_held else []
        kind, status = ORDER.name, str(order.status)
    if not turns:
        raise refusal(HTTPStatus.CONFLICT, [nothing_on_hold(kind, status)])
    if named is not None and named not in turns:
        raise refusal(HTTPStatus.CONFLICT, [hold_not_open(named)])
    return named or turns[0]


def _turn_missing() -> Problem:
    message = (
        "turn: is required here, since this subscription has several holds. Read them (GET /v1/compliance/holds/{id}), and send the "
        "turn of the one that you decide on"
    )
    violation = Violation(ErrorCode.FIELD_MISSING, message, "/turn")
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, ErrorCode.INVALID_REQUEST, message, violations=(violation,)
    )
