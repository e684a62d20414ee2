"""An order or a subscription as its workflow itself answers, and whether the projection equals that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from fastapi import Query

from activities.dispatching import EngineUnreachable, EntityClosed
from api.http.answers import Answer
from api.http.errors import Problem
from api.http.resources import ApiResources
from api.v1.lists import ShowView, seen
from jalon.domain.error_codes import ErrorCode
from jalon.domain.kinds import Kind
from jalon.inbox.caller import Caller
from jalon.persistence.entities.entities import people_in

Shown = TypeVar("Shown")

Live = Annotated[
    bool,
    Query(
        description="Asks the workflow itself; `live` then says whether the recorded projection equals it."
    ),
]
QUERY_SECONDS = 5.0
LOOKS_AGAIN_SECONDS = (0.1, 0.3, 1.0)
"""The pauses before another look, since a transition may be recorded between the workflow's answer and the row."""


class LiveView(Answer):
    """Whether the projection equals the workflow's own answer, and the names of the fields in which they differ."""

    agrees: bool
    differences: list[str]


async def read_live(
    resources: ApiResources, caller: Caller, kind: Kind[Any], entity: str, show: ShowView[Shown]
) -> tuple[Shown, LiveView]:
    """The entity as its workflow answers, and the comparison. Raises Problem where the caller cannot see it or the engine gives none."""
    for pause in (0.0, *LOOKS_AGAIN_SECONDS):
        await asyncio.sleep(pause)
        async with resources.sessions.of(*caller.stores) as tx:
            found = await seen(tx, kind, entity)
        own = await _asked(resources, kind, found.store, entity)
        differences = differing(own, found.view)
        if not differences:
            break
    async with resources.sessions.of(found.store) as tx:
        wanted = people_in([own])
        people = await resources.parties.read(tx, *wanted) if wanted else {}
    return show(own, people, caller.role), LiveView(agrees=not differences, differences=differences)


def differing(own: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    """The names of the fields in which two views differ."""
    names = own.keys() | recorded.keys()
    return sorted(name for name in names if own.get(name) != recorded.get(name))


async def _asked(resources: ApiResources, kind: Kind[Any], store: str, entity: str) -> dict[str, Any]:
    try:
        return await resources.dispatcher.view(kind.name, store, entity, QUERY_SECONDS)
    except EngineUnreachable:
        detail = f"The workflow of this {kind.name} does not answer right now. Without live=true the projection is read."
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, ErrorCode.ENGINE_UNREACHABLE, detail, retry_after=5
        ) from None
    except EntityClosed:
        detail = f"The engine keeps the workflow of this {kind.name} no more. Without live=true the projection is read."
        raise Problem(HTTPStatus.CONFLICT, ErrorCode.WORKFLOW_GONE, detail) from None
