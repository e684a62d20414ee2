"""The HTTP process: `uvicorn --factory api.app:create_app`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

import logs
import metrics
from api import landing, problem_pages
from api.dependencies import Keyring
from api.exception_mapping import EXPECTED, problem_of_exception
from api.heartbeat import keep_beating, process_name
from api.hosted import routes as hosted
from api.hosted.error_pages import error_page
from api.hosted.pages import Pages
from api.metrics import Metrics
from api.request_context import RequestContextMiddleware
from api.resources import ApiResources
from api.routes import (
    catalog,
    clocks,
    compliance,
    health,
    keys,
    operations,
    orders,
    requests,
    stores,
    subscriptions,
    support,
    timelines,
    webhooks,
)
from api.schemas.answers import PROBLEMS, ProblemShape
from api.submission import Submitter
from bootstrap import open_resources
from settings import Settings

Opener = Callable[[], AbstractAsyncContextManager[ApiResources]]

SUBJECTS = (
    orders,
    subscriptions,
    timelines,
    requests,
    stores,
    catalog,
    support,
    operations,
    compliance,
    keys,
    clocks,
    webhooks,
    health,
)
DESCRIPTION = """Orders of professional software from cart to renewal.

Every write carries an `Idempotency-Key`; every error is `application/problem+json` with a code, its violations and a way out;
times are RFC 3339, money is `{"amount": "1200.00", "currency": "EUR"}`."""


def create_app() -> FastAPI:
    """The application on the settings of this process. Raises SettingsInvalid."""
    settings = Settings.read()
    logs.configure(settings.log_level, settings.log_format)
    return build(lambda: open_resources(settings), Pages(settings.templates_dir))


def build(opener: Opener, pages: Pages) -> FastAPI:
    """The application; `opener` opens its resources at the start and closes them at the end."""
    app = FastAPI(
        title="Jalon",
        version=version("jalon"),
        description=DESCRIPTION,
        lifespan=_life_around(opener),
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
    )
    app.state.metrics, app.state.pages = Metrics(metrics.new_registry()), pages
    for subject in SUBJECTS:
        app.include_router(subject.routes)
    app.include_router(landing.routes)
    app.include_router(hosted.routes)
    app.include_router(problem_pages.routes)
    app.mount("/static", StaticFiles(directory=pages.static), name="static")
    for expected in EXPECTED:
        app.add_exception_handler(expected, _respond)
    app.add_middleware(RequestContextMiddleware, metrics=app.state.metrics, failure=_respond_to_failure(app))
    app.openapi = _describe(app)  # type: ignore[method-assign]
    return app


def _life_around(opener: Opener) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with opener() as resources:
            app.state.resources = resources
            app.state.keyring = Keyring(resources.sessions)
            app.state.submitter = Submitter(resources, app.state.metrics)
            registry: CollectorRegistry = app.state.metrics.registry
            registry.register(metrics.pending_work_of(resources.sessions, resources.policies))
            beating = asyncio.create_task(keep_beating(resources.sessions, process_name()))
            try:
                async with metrics.serve(resources.settings, registry):
                    yield
            finally:
                beating.cancel()
                with suppress(asyncio.CancelledError):
                    await beating

    return life


async def _respond(request: Request, error: Exception) -> Response:
    problem = problem_of_exception(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return error_page(request, problem)


def _methods_at(request: Request) -> set[str]:
    """Every method that some route takes at this address; the framework names those of one route only."""
    found: set[str] = set()
    for subject in (*SUBJECTS, landing, hosted, problem_pages):
        for route in subject.routes.routes:
            if route.matches(request.scope)[0] is not Match.NONE:
                found |= getattr(route, "methods", None) or set()
    return found


def _respond_to_failure(app: FastAPI) -> Callable[[Scope, Receive, Send, Exception], Any]:
    async def answer(scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
        scope.setdefault("app", app)
        told = await _respond(Request(scope, receive), error)
        await told(scope, receive, send)

    return answer


def _describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            shape = ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
            shapes = app.openapi_schema["components"]["schemas"]
            shapes |= shape.pop("$defs", {}) | {"ProblemShape": shape}
        return app.openapi_schema

    return openapi
