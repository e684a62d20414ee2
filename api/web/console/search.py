"""The search: a page of its own, and what the box of every page shows while somebody types."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.calling import ask
from api.web.console.rendering import show, wants_part
from api.web.console.staff import staff_of
from jalon.client import operations

routes = APIRouter(prefix="/console", include_in_schema=False)
TYPED_AT_MOST = 254


@routes.get("/search")
async def find(request: Request) -> Response:
    """What was found. Without scripts the box leads here; with them it shows the same list below itself."""
    staff = await staff_of(request)
    query = request.query_params.get("q", "").strip()[:TYPED_AT_MOST]
    found = await ask(request, staff, operations.search(query)) if query else {"data": []}
    return show(
        request,
        staff,
        "search",
        block="found" if wants_part(request) else None,
        query=query,
        found=found["data"],
        more=bool(found.get("has_more")),
    )
