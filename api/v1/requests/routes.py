"""Writes that were answered 202."""

from __future__ import annotations

from typing import Any, cast

from fastapi import APIRouter, Response

from api.http.dependencies import Reader, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.writing import violations_of
from api.v1.requests.answers import RecordedRequest
from api.v1.responses import READ, with_retry
from api.v1.writes import RETRY_AFTER
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.persistence.inbox import receipts

routes = APIRouter(prefix="/v1/requests", tags=["requests"], route_class=StrictRoute)


@routes.get("/{request_id}", responses=READ | {200: with_retry("What became of the write.")})
async def read_request(
    request_id: str, caller: Reader, resources: TheResources, response: Response
) -> RecordedRequest:
    """The state of a recorded write: pending, applied, or refused with its violations."""
    async with resources.sessions.of(*caller.stores) as tx:
        receipt = await receipts.find(tx, request_id)
    if receipt is None or receipt.role == "entity" or receipt.kind == "installation":
        raise not_found("No request")
    if receipt.state == "pending":
        response.headers.update(RETRY_AFTER)
    return RecordedRequest(
        id=receipt.id,
        state=cast(Any, receipt.state),
        command=receipt.command,
        entity=receipt.entity,
        order=receipt.entity if receipt.kind == ORDER.name else None,
        subscription=receipt.entity if receipt.kind == SUBSCRIPTION.name else None,
        received_at=receipt.received_at,
        result=cast(Any, receipt.outcome if receipt.state == "applied" else None),
        violations=violations_of(receipt),
        url=f"/v1/{receipt.kind}s/{receipt.entity}",
    )
