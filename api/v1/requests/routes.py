"""What became of a write that was answered 202."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from api.http.dependencies import Reader, TheResources
from api.http.errors import not_found
from api.http.writing import violations_of
from api.v1.answers import REQUEST
from jalon.persistence.inbox import receipts

routes = APIRouter(prefix="/v1/requests", tags=["requests"])


@routes.get("/{request_id}", responses=REQUEST, response_model=None)
async def read_request(request_id: str, caller: Reader, resources: TheResources) -> Response:
    """Pending, applied, or refused with its violations."""
    async with resources.sessions.of(*caller.stores) as tx:
        receipt = await receipts.find(tx, request_id)
    if receipt is None or receipt.role == "entity" or receipt.kind == "installation":
        raise not_found("No request")
    applied = receipt.state == "applied"
    headers = {"Retry-After": "2"} if receipt.state == "pending" else {}
    return JSONResponse(
        {
            "id": receipt.id,
            "state": receipt.state,
            "command": receipt.command,
            receipt.kind: receipt.entity,
            "received_at": receipt.received_at.isoformat(),
            "result": receipt.outcome if applied else None,
            "violations": [
                {"code": each.code, "pointer": each.pointer, "message": each.message, "rule": each.rule}
                for each in violations_of(receipt)
            ],
            "url": f"/v1/{receipt.kind}s/{receipt.entity}",
        },
        headers=headers,
    )
