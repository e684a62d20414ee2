"""Keys: issued to named people and systems by an admin, shown once, revoked for good."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.dependencies import Admin, TheResources
from api.http.errors import not_found
from api.http.writing import Idempotent, TheSubmitter
from api.v1.answers import KEY_ISSUED, KEYS
from api.v1.operations.bodies import IssueKey
from jalon.inbox.caller import Caller
from jalon.persistence.operations import keys
from jalon.persistence.operations.keys import EVERY_STORE, Key

routes = APIRouter(prefix="/v1/keys", tags=["keys"])


def _view(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "person": key.person,
        "role": key.role,
        "stores": list(key.stores),
        "created_at": key.created_at.isoformat(),
        "issued_by": key.issued_by,
        "revoked_by": key.revoked_by,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }


def _governs(caller: Caller, key: Key) -> bool:
    return caller.everywhere or set(key.stores) <= set(caller.stores)


@routes.get("", responses=KEYS, response_model=None)
async def list_keys(caller: Admin, resources: TheResources) -> Response:
    """Every key for stores of yours, revoked ones included; never a token."""
    async with resources.sessions.unscoped() as tx:
        held = await keys.list_keys(tx)
    return JSONResponse({"data": [_view(key) for key in held if _governs(caller, key)]})


@routes.post("", status_code=201, responses=KEY_ISSUED, response_model=None)
async def issue_key(
    body: IssueKey, caller: Admin, idempotent: Idempotent, submitter: TheSubmitter
) -> Response:
    """Issues a key. The token is in this answer only: sent again, the same request names the key without it."""
    if EVERY_STORE in body.stores and not caller.everywhere:
        raise not_found("No store")
    stores = (
        [*body.stores] if EVERY_STORE in body.stores else [caller.seeing(each)[0] for each in body.stores]
    )
    token: list[str] = []

    async def issue(tx: AsyncConnection) -> dict[str, Any]:
        token.append(
            await keys.issue(tx, person=body.person, role=body.role, stores=stores, issued_by=caller.actor)
        )
        issued = await keys.find(tx, token[0])
        return _view(issued) if issued else {}

    outcome, new = await submitter.settle_here(caller, idempotent, caller.stores[0], "issue_key", issue)
    return JSONResponse(outcome | {"token": token[0] if new else None}, 201)


@routes.post("/{key_id}/revoke", responses=KEYS, response_model=None)
async def revoke_key(key_id: str, caller: Admin, idempotent: Idempotent, submitter: TheSubmitter) -> Response:
    """Ends a key within a few seconds, for good."""

    async def revoke(tx: AsyncConnection) -> dict[str, Any]:
        key = await keys.read(tx, key_id)
        if key is None or not _governs(caller, key):
            raise not_found("No key")
        await keys.revoke(tx, key_id, caller.actor)
        revoked = await keys.read(tx, key_id)
        return _view(revoked or key)

    outcome, _ = await submitter.settle_here(caller, idempotent, caller.stores[0], "revoke_key", revoke)
    return JSONResponse(outcome)
