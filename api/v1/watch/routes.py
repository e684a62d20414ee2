"""The watch: each stage with its age and its promise, and what must never be otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from api.http.dependencies import TheResources, Watcher
from api.http.json_bodies import StrictRoute
from api.v1.lists import StoreQuery
from api.v1.responses import LIST_IN_STORE
from api.v1.watch.answers import (
    InvariantAnswer,
    InvariantList,
    InvariantViolation,
    ParkedDeadline,
    StageAnswer,
    StageInStore,
    StageList,
)
from jalon.persistence.operations import invariant_checks, stages
from jalon.persistence.operations.invariants import INVARIANTS
from jalon.persistence.operations.stages import STAGES, Stage, Waiting

routes = APIRouter(prefix="/v1/ops", tags=["ops"], route_class=StrictRoute)


@routes.get("/stages", responses=LIST_IN_STORE)
async def list_stages(caller: Watcher, resources: TheResources, store: StoreQuery = None) -> StageList:
    """How many wait in each stage, for how long, and how many of them longer than is promised."""
    seen = caller.seeing(store)
    async with resources.sessions.of(*seen) as tx:
        waiting = await stages.read(tx, seen)
    return StageList(data=[_stage(stage, waiting) for stage in STAGES], parked_deadline=_deadline(waiting))


@routes.get("/invariants", responses=LIST_IN_STORE)
async def list_invariants(
    caller: Watcher, resources: TheResources, store: StoreQuery = None
) -> InvariantList:
    """What must never be otherwise, with the violations that stand. The relay checks it every minute."""
    seen = caller.seeing(store)
    async with resources.sessions.unscoped() as tx:
        progress = await invariant_checks.progress(tx)
    async with resources.sessions.of(*seen) as tx:
        counts = await invariant_checks.counts(tx)
        found = await invariant_checks.examples(tx)
    data = [
        InvariantAnswer(
            name=each.name,
            words=each.words,
            severity=each.severity,
            rule=each.rule,
            remedy=each.remedy,
            count=counts.get(each.name, 0),
            examples=[
                InvariantViolation(store=v.store, entity=v.entity, subject=v.subject, found_at=v.found_at)
                for v in found
                if v.invariant == each.name
            ],
        )
        for each in INVARIANTS
    ]
    return InvariantList(checked_at=progress.checked_at, whole_since=progress.whole_since, data=data)


def _stage(stage: Stage, waiting: Sequence[Waiting]) -> StageAnswer:
    own = sorted((each for each in waiting if each.stage == stage.name), key=lambda each: each.store)
    return StageAnswer(
        name=stage.name,
        words=stage.words,
        promise=stage.promise,
        rule=stage.rule,
        clock="real" if stage.real else "store",
        waiting=sum(each.waiting for each in own),
        oldest_seconds=max((each.oldest_seconds for each in own), default=0.0),
        late=sum(each.late for each in own),
        next_seconds=min((each.next_seconds for each in own if each.next_seconds is not None), default=None),
        stores=[
            StageInStore(
                store=each.store,
                waiting=each.waiting,
                oldest_seconds=each.oldest_seconds,
                late=each.late,
                next_at=each.next_at,
                next_seconds=each.next_seconds,
            )
            for each in own
        ],
    )


def _deadline(waiting: Sequence[Waiting]) -> ParkedDeadline | None:
    found = [
        ParkedDeadline(store=each.store, at=each.next_at, seconds=each.next_seconds)
        for each in waiting
        if each.stage == "parked" and each.next_at is not None and each.next_seconds is not None
    ]
    return min(found, key=lambda each: each.seconds, default=None)
