"""The first page of the console."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.web.console.rendering import show
from api.web.console.sections import LATER
from api.web.console.staff import staff_of

routes = APIRouter(include_in_schema=False)


@routes.get("/console")
async def home(request: Request) -> Response:
    """The search, and what waits for a person."""
    staff = await staff_of(request)
    return show(request, staff, "home", later=LATER)
