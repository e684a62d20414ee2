"""The context of one HTTP request: reference, monotonic start, body limit and the request's log line."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics
from jalon import tracing
from jalon.domain.kinds import KINDS

log = structlog.get_logger("jalon.api")

BODY_BYTES_AT_MOST = 64 * 1024
_ENTITY = re.compile(rf"(?:{'|'.join(kind.prefix for kind in KINDS)})_[0-9a-hjkmnp-tv-z]{{26}}\d{{0,4}}")
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_CALLED = "/v1/"
"""Where callers may name the trace that a request belongs to. On pages for people a trace always begins anew."""


@dataclass
class RequestContext:
    """The context of a request. `began` and `received` are monotonic; the other fields are set as soon as they are known.

    `reference` is the id of its trace, which logs, receipts and e-mails that follow from it have too.
    `caller` names the key or link of the request by a name that gives no access.
    """

    began: float = field(default_factory=time.monotonic)
    received: float | None = None
    reference: str = field(default_factory=lambda: tracing.new_trace().id)
    store: str | None = None
    code: str | None = None
    entity: str | None = None
    caller: str | None = None
    role: str | None = None

    @property
    def spent(self) -> float:
        """The monotonic seconds since the whole request had arrived, which is when it counts as received (G3)."""
        return time.monotonic() - (self.began if self.received is None else self.received)

    def complete(self) -> None:
        """Notes that the last byte of the request is in."""
        self.received = time.monotonic()


def context_of(scope: Scope) -> RequestContext:
    """The context of a request."""
    context: RequestContext = scope["state"]["context"]
    return context


class BodyTooLarge(HTTPException):
    """The body is longer than BODY_BYTES_AT_MOST."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


Failure = Callable[[Scope, Receive, Send, Exception], Awaitable[None]]


class RequestContextMiddleware:
    """The outermost middleware: no exception passes it, and every answer carries the request's reference."""

    def __init__(self, app: ASGIApp, metrics: Metrics, failure: Failure) -> None:
        self._app = app
        self._metrics = metrics
        self._failure = failure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with tracing.request(_named_trace(scope)) as (trace, span):
            await self._answer(scope, receive, send, RequestContext(reference=trace), span)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, context: RequestContext, span: tracing.OpenSpan
    ) -> None:
        scope.setdefault("state", {})["context"] = context
        status = 0

        async def answering(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _stamp(MutableHeaders(scope=message), context)
            await send(message)

        try:
            _check_head(scope)
            await self._app(scope, _at_most(receive), answering)
        except HTTPException as error:
            await self._failure(scope, receive, answering, error)
        except Exception as error:
            if status:
                raise
            log.exception("request_failed", fault=type(error).__name__)
            await self._failure(scope, receive, answering, error)
        finally:
            self._note(scope, context, status, span)

    def _note(self, scope: Scope, context: RequestContext, status: int, span: tracing.OpenSpan) -> None:
        # The log holds the route's template, never the path, since paths contain signed links.
        found = scope.get("route")
        route = getattr(found, "path_format", getattr(found, "path", "unknown"))
        took = time.monotonic() - context.began
        self._metrics.request(scope["method"], route, status, took)
        entity = context.entity or _entity_in(scope)
        span.note(
            f"{scope['method']} {route}",
            **{
                "http.response.status_code": int(status),
                "jalon.store": context.store,
                "jalon.entity": entity,
            },
        )
        if route in {"/healthz", "/readyz"}:
            return
        log.info(
            "request",
            method=scope["method"],
            route=route,
            status=int(status),
            code=context.code,
            store=context.store,
            entity=entity,
            caller=context.caller,
            role=context.role,
            milliseconds=round(took * 1000, 1),
        )


def _named_trace(scope: Scope) -> str | None:
    return Headers(scope=scope).get("traceparent") if scope["path"].startswith(_CALLED) else None


def _entity_in(scope: Scope) -> str | None:
    """The order or subscription id in the path. Any other text in its place is not logged."""
    named = scope.get("path_params", {}).values()
    return next((each for each in named if isinstance(each, str) and _ENTITY.fullmatch(each)), None)


def _check_head(scope: Scope) -> None:
    """Refuses addresses with NUL, which PostgreSQL does not accept, and bodies that would be refused once they are in.

    The parameters of the API say themselves which texts they take.
    """
    path = scope["path"]
    if "\x00" in path or (b"%00" in scope["query_string"] and not path.startswith("/v1/")):
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    if scope["method"] in _WITHOUT_BODY:
        return
    headers = Headers(scope=scope)
    if int(headers.get("content-length", "0")) > BODY_BYTES_AT_MOST:
        raise BodyTooLarge
    if headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _stamp(headers: MutableHeaders, context: RequestContext) -> None:
    headers["X-Reference"] = context.reference
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cache-Control", "no-store")


def _at_most(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Any:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_BYTES_AT_MOST:
            raise BodyTooLarge
        return message

    return limited
