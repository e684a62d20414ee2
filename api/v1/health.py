"""Health checks for operators: alive and ready. Metrics have a port of their own; see `jalon.metrics`."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from api.http.answers import Answer
from api.http.dependencies import TheResources
from api.http.resources import ApiResources
from api.v1.responses import ANYBODY, Responses, also
from jalon.persistence import revision as reading

routes = APIRouter(tags=["operations"])

CHECK_SECONDS = 3.0
_FINE = "ok"


class Health(Answer):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """Whether the process may receive requests; `database` and `temporal` are "ok" or name the fault."""

    ready: bool
    database: str
    temporal: str


NOT_READY: Responses = {503: also("The database is out of reach, or at another revision.", Readiness)}


@routes.get("/healthz", responses=ANYBODY)
async def read_health() -> Health:
    """The process answers."""
    return Health()


@routes.get("/readyz", responses=ANYBODY | NOT_READY)
async def read_readiness(resources: TheResources, response: Response) -> Readiness:
    """The database answers at this release's revision, and Temporal answers."""
    database, temporal = await asyncio.gather(_database(resources), _temporal(resources))
    # Without Temporal, writes are still recorded and answered 202, so the process stays ready.
    ready = database == _FINE
    if not ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(ready=ready, database=database, temporal=temporal)


async def _database(resources: ApiResources) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS), resources.sessions.unscoped() as tx:
            revision = await reading.revision(tx)
    except (SQLAlchemyError, TimeoutError) as error:
        return f"unreachable: {type(error).__name__}"
    return (
        _FINE
        if revision == reading.newest()
        else f"at revision {revision}, not {reading.newest()}: run jalon db upgrade"
    )


async def _temporal(resources: ApiResources) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await resources.dispatcher.client.service_client.check_health()
    except (RPCError, TimeoutError, RuntimeError) as error:
        return f"unreachable: {type(error).__name__}"
    return _FINE
