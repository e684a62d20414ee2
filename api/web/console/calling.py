"""The API as the console calls it: in this process, with the session's own key. What the console does can so be scripted."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import httpx
from starlette.requests import Request

from api.web.console.staff import Staff
from jalon.client.calls import Call
from jalon.client.concurrent import AsyncClient
from jalon.client.errors import ApiError, object_of

T = TypeVar("T")
HERE = "http://console.invalid"
WITHIN_SECONDS = 30.0


async def ask(request: Request, staff: Staff, call: Call[T]) -> T:
    """The answer of the API. Raises ApiError, whose reference is that of the inner request."""
    return cast(T, object_of(await answer_of(request, staff, call)))


async def answer_of(request: Request, staff: Staff, call: Call[Any]) -> httpx.Response:
    """The answer with its status: 202 where a write is recorded and its outcome is not known yet. Raises ApiError."""
    inside = httpx.ASGITransport(app=request.app, raise_app_exceptions=False)
    async with AsyncClient(HERE, staff.token, timeout=WITHIN_SECONDS, transport=inside) as client:
        response = await client.try_once(call)
    if not response.is_success:
        raise ApiError.of(f"{call.method} {call.path}", response)
    return response
