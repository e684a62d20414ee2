"""For those who run it: alive and ready. Figures have a port of their own; see `metrics`."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from api.http.dependencies import TheResources
from api.http.resources import ApiResources
from api.v1.answers import READINESS
from jalon.persistence import revision as reading

routes = APIRouter(tags=["operations"])

CHECK_SECONDS = 3.0
_FINE = "ok"


@routes.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": _FINE}


@routes.get("/readyz", responses=READINESS, response_model=None)
async def readyz(resources: TheResources) -> Response:
    """The database answers at this release's revision, and Temporal answers."""
    database, temporal = await asyncio.gather(_database(resources), _temporal(resources))
    # Without Temporal writes are still received, and answered 202: the process stays ready.
    ready = database == _FINE
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse({"ready": ready, "database": database, "temporal": temporal}, status)


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
