"""The text of terms of sale, in every version that was ever served."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.fields import Sha256
from api.http.dependencies import Reader, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.v1.responses import LIST_IN_STORE, Responses
from api.v1.terms.answers import TermsText
from jalon.persistence.entities import records

routes = APIRouter(prefix="/v1", tags=["catalog"], route_class=StrictRoute)

FOR_EVER = "private, max-age=31536000, immutable"
"""What stands under a hash never changes. The answer is the key's, so that no shared cache keeps it."""

TermsHash = Annotated[
    Sha256,
    Path(
        description="The hash by which catalog, subscription and contract name the terms.",
        examples=["9c10" * 16],
    ),
]
_ETAG = {
    "ETag": {"description": "The SHA-256 of the bytes, as in the path.", "schema": {"type": "string"}},
    "Cache-Control": {
        "description": "For ever: other terms have another hash.",
        "schema": {"type": "string"},
    },
}
TEXT: Responses = {
    200: {"description": "The exact bytes, whose SHA-256 is that of the path.", "headers": _ETAG},
    304: {"description": "The bytes that `If-None-Match` names.", "headers": _ETAG},
}


@routes.get("/terms/{sha256}", responses=LIST_IN_STORE | TEXT, response_model=TermsText)
async def read_terms(
    sha256: TermsHash, request: Request, caller: Reader, resources: TheResources
) -> Response:
    """The text of terms of sale by its hash, also of versions that the store's file has no longer (T11, T12)."""
    async with resources.sessions.of(*caller.stores) as tx:
        content = (await records.read_terms(tx, sha256)).get(sha256)
    if content is None:
        raise not_found("No terms of sale")
    headers = {"ETag": f'"{sha256}"', "Cache-Control": FOR_EVER}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type="application/json", headers=headers)
