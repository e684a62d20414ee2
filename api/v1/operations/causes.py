"""What is stuck, by cause, and what people say of a cause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.fields import Form
from api.http.dependencies import Operator, ParkedReader, TheResources
from api.http.errors import not_found, refusal
from api.http.json_bodies import StrictRoute
from api.http.writing import Idempotent, TheSubmitter
from api.v1.lists import After, Limit, StoreQuery, Words, no_cursor
from api.v1.operations.bodies import ChangeCause
from api.v1.operations.cause_answers import (
    Cause,
    CauseEntityPage,
    CausePage,
    cause_answer,
    entity_of_cause,
)
from api.v1.responses import LIST_IN_STORE, WRITE_HERE
from api.v1.support.entities import Lang
from api.v1.support.spoken import own_words
from jalon.domain.error_codes import ErrorCode
from jalon.domain.stuck import StuckKind
from jalon.domain.violations import Violation
from jalon.persistence.operations import cause_notes, causes
from jalon.persistence.operations.causes import CauseState
from jalon.persistence.sessions import narrow

routes = APIRouter(prefix="/v1/ops/causes", tags=["ops"], route_class=StrictRoute)

Fingerprint = Annotated[
    str,
    Path(description="The fingerprint of the cause."),
    Form(r"[0-9a-f]{12}", "is the fingerprint of a cause: 12 digits of 0 to 9 and a to f"),
]
Kinds = Annotated[
    Sequence[StuckKind],
    Query(max_length=len(StuckKind), description="Only these kinds, one in each `kind`; without it all."),
]
AfterStep = Annotated[Words | None, Query(max_length=320, description="The `next` of the page before.")]


@routes.get("", responses=LIST_IN_STORE)
async def list_causes(
    caller: ParkedReader,
    resources: TheResources,
    store: StoreQuery = None,
    lang: Lang = "en",
    state: Annotated[
        CauseState, Query(description="Without the ignored ones, these alone, or all.")
    ] = CauseState.OPEN,
    kind: Kinds = (),
    limit: Limit = 50,
    after: After = None,
) -> CausePage:
    """What is stuck, by cause, the most frequent first: parked and stalled steps, failing workflow tasks, undeliverable e-mail.

    An ignored cause comes back by itself, when its instant has come or so many more entities stopped for it.
    """
    place = _place_of(after) if after is not None else None
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        found = await causes.listed(tx, state, limit + 1, place, kind or tuple(StuckKind))
    shown, more = found[:limit], len(found) > limit
    cursor = f"{shown[-1].count}/{shown[-1].fingerprint}" if more else None
    return CausePage(
        data=[cause_answer(each, own_words(resources.settings.templates_dir, lang)) for each in shown],
        has_more=more,
        next=cursor,
    )


@routes.get("/{fingerprint}", responses=LIST_IN_STORE)
async def read_cause(
    fingerprint: Fingerprint,
    caller: ParkedReader,
    resources: TheResources,
    store: StoreQuery = None,
    lang: Lang = "en",
) -> Cause:
    """One cause. Where nothing is stuck for it any more, its history and a `count` of 0."""
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        found = await causes.find(tx, fingerprint)
    if found is None:
        raise not_found("No cause")
    return cause_answer(found, own_words(resources.settings.templates_dir, lang))


@routes.get("/{fingerprint}/entities", responses=LIST_IN_STORE)
async def list_cause_entities(
    fingerprint: Fingerprint,
    caller: ParkedReader,
    resources: TheResources,
    store: StoreQuery = None,
    limit: Limit = 50,
    after: AfterStep = None,
) -> CauseEntityPage:
    """What is stuck for the cause, the longest stuck first."""
    place = _step_of(after) if after is not None else None
    async with resources.sessions.of(*caller.seeing(store)) as tx:
        found = await causes.entities_of(tx, fingerprint, limit + 1, place)
        if not found and await causes.find(tx, fingerprint) is None:
            raise not_found("No cause")
    shown, more = found[:limit], len(found) > limit
    cursor = f"{shown[-1].recorded_at.isoformat()}/{shown[-1].id}/{shown[-1].step}" if more else None
    return CauseEntityPage(data=[entity_of_cause(each) for each in shown], has_more=more, next=cursor)


@routes.patch("/{fingerprint}", responses=WRITE_HERE)
async def change_cause(
    fingerprint: Fingerprint,
    body: ChangeCause,
    caller: Operator,
    resources: TheResources,
    idempotent: Idempotent,
    submitter: TheSubmitter,
    store: StoreQuery = None,
) -> Cause:
    """Changes the note or the owner of a cause, ignores it for a while, or with `"ignore": null` minds it again.

    What is not named stays. Each store has its own: it is changed in the stores of the key that the cause concerns, or in `store` alone.
    """
    seen = caller.seeing(store)
    async with resources.sessions.of(*seen) as tx:
        concerned = await cause_notes.stores_of(tx, fingerprint)
    if not concerned:
        raise not_found("No cause")
    if body.ignore is not None and body.ignore.until is not None and body.ignore.until <= datetime.now(UTC):
        message = "ignore.until has passed: name a later instant, or leave the cause as it is"
        raise refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            [Violation(ErrorCode.INVALID_REQUEST, message, "/ignore/until")],
        )

    async def change(tx: AsyncConnection) -> dict[str, Any]:
        for each in concerned:
            await cause_notes.change(
                tx,
                each,
                fingerprint,
                body.changes,
                actor=caller.actor,
                role=caller.role,
                reason=body.why,
            )
        await narrow(tx, *seen)
        found = await causes.find(tx, fingerprint)
        if found is None:
            raise not_found("No cause")
        return cause_answer(found, own_words(resources.settings.templates_dir, "en")).model_dump(mode="json")

    outcome, _ = await submitter.settle_here(caller, idempotent, concerned[0], "change_cause", change)
    return Cause.model_validate(outcome)


def _place_of(after: str) -> tuple[int, str]:
    place = re.fullmatch(r"([0-9]{1,18})/([0-9a-f]{12})", after)
    if place is None:
        raise no_cursor(after)
    return int(place[1]), place[2]


def _step_of(after: str) -> tuple[datetime, str, str]:
    since, _, rest = after.partition("/")
    entity, _, step = rest.partition("/")
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise no_cursor(after) from None
    if at.tzinfo is None or not step:
        raise no_cursor(after)
    return at, entity, step
