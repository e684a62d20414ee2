"""The application of the HTTP process, which `python -m api` serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.http.admission import AdmissionMiddleware
from api.http.dependencies import Keyring
from api.http.exception_mapping import EXPECTED, problem_of_exception
from api.http.head import HeadMiddleware
from api.http.heartbeat import keep_beating, process_name
from api.http.metrics import Metrics
from api.http.request_context import RequestContextMiddleware
from api.http.resources import ApiResources
from api.http.unknown import refuse_unknown_parameters
from api.openapi import describe
from api.v1 import health
from api.v1.catalog import routes as catalog
from api.v1.changes import routes as support_changes
from api.v1.clocks import routes as clocks
from api.v1.compliance import routes as compliance
from api.v1.keys import routes as keys
from api.v1.operations import audit, causes, stops
from api.v1.operations import routes as operations
from api.v1.orders import routes as orders
from api.v1.people import export as people_export
from api.v1.people import routes as people
from api.v1.repairs import lists as repair_lists
from api.v1.repairs import routes as repairs
from api.v1.requests import routes as requests
from api.v1.stores import routes as stores
from api.v1.subscriptions import notices, seats, transfers
from api.v1.subscriptions import routes as subscriptions
from api.v1.support import as_customer as support_as_customer
from api.v1.support import deadlines as support_deadlines
from api.v1.support import entities as support_entities
from api.v1.support import mails as support_mails
from api.v1.support import notes as support_notes
from api.v1.support import recoveries as support_recoveries
from api.v1.support import routes as support
from api.v1.support import search
from api.v1.terms import routes as terms
from api.v1.timelines import routes as timelines
from api.v1.watch import routes as watch
from api.v1.webhooks import routes as webhooks
from api.web import landing, problem_pages
from api.web.console import serving as console
from api.web.console.problems import problem_page
from api.web.files import WholeFiles
from api.web.hosted import deadlines as hosted_deadlines
from api.web.hosted import routes as hosted
from api.web.hosted import transfer as hosted_transfer
from api.web.hosted.error_pages import error_page
from api.web.hosted.pages import Pages
from api.web.orders import routes as order_pages
from api.web.paying import routes as paying
from api.web.portal import fresh as portal_fresh
from api.web.portal import home as portal_home
from api.web.portal import renewal as portal_renewal
from api.web.portal import sign_in as portal_sign_in
from api.web.portal import subscriptions as portal_subscriptions
from api.web.portal import transfers as portal_transfers
from api.web.portal import user_actions as portal_users
from api.web.portal import who_stays as portal_who_stays
from api.web.portal.sites import Elsewhere, SignInFirst
from jalon import logs, metrics, tracing
from jalon.bootstrap import Installation, open_resources
from jalon.inbox.submission import Submitter

Opener = Callable[[], AbstractAsyncContextManager[ApiResources]]

SUBJECTS = (
    orders,
    subscriptions,
    seats,
    transfers,
    notices,
    timelines,
    requests,
    stores,
    catalog,
    terms,
    support,
    support_entities,
    support_changes,
    support_mails,
    support_as_customer,
    support_recoveries,
    support_deadlines,
    support_notes,
    search,
    people,
    people_export,
    operations,
    causes,
    watch,
    repairs,
    repair_lists,
    stops,
    audit,
    compliance,
    keys,
    clocks,
    webhooks,
    health,
)
PORTAL = (
    portal_subscriptions,
    portal_renewal,
    portal_users,
    portal_who_stays,
    portal_transfers,
    paying,
    portal_sign_in,
    portal_fresh,
    portal_home,
    hosted_deadlines,
    hosted_transfer,
)
DESCRIPTION = """Orders of professional software from cart to renewal.

Every write carries an `Idempotency-Key`; every error is `application/problem+json` with a code, its violations and a way out;
times are RFC 3339, money is `{"amount": "1200.00", "currency": "EUR"}`."""


def create_app() -> FastAPI:
    """The application with the settings of this process. Wrong settings end the process with a sentence."""
    installation = Installation.read_or_exit()
    settings = installation.settings
    logs.configure(settings.log_level, settings.log_format)
    tracing.configure(settings.otlp_endpoint, "api")
    return build(lambda: open_resources(installation), Pages(settings.templates_dir))


def build(opener: Opener, pages: Pages) -> FastAPI:
    """The application. `opener` opens its resources at startup and closes them at shutdown."""
    app = FastAPI(
        title="Jalon",
        version=version("jalon"),
        description=DESCRIPTION,
        lifespan=_life_around(opener),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.metrics, app.state.pages = Metrics(metrics.new_registry()), pages
    for subject in SUBJECTS:
        app.include_router(subject.routes, dependencies=[Depends(refuse_unknown_parameters)])
    app.include_router(landing.routes)
    for part in PORTAL:
        app.include_router(part.routes)
    app.include_router(portal_sign_in.by_activation)
    app.include_router(hosted.routes)
    app.include_router(order_pages.routes)
    app.include_router(problem_pages.routes)
    console.install(app, pages.templates)
    app.mount("/static", WholeFiles(directory=pages.static), name="static")
    for expected in EXPECTED:
        app.add_exception_handler(expected, _respond)
    app.add_exception_handler(SignInFirst, portal_sign_in.sign_in_first)
    app.add_exception_handler(Elsewhere, portal_home.show_elsewhere)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(AdmissionMiddleware)
    app.add_middleware(RequestContextMiddleware, metrics=app.state.metrics, failure=_respond_to_failure(app))
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
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
    if request.url.path.startswith("/console"):
        return await problem_page(request, problem)
    return error_page(request, problem)


def _methods_at(request: Request) -> set[str]:
    """Every method that some route accepts at this path. The framework names only those of one route.

    What no route of ours answers is a file or the description: there is only GET.
    """
    found: set[str] = set()
    for subject in (*SUBJECTS, landing, hosted, order_pages, *PORTAL, *console.PARTS, problem_pages):
        for route in subject.routes.routes:
            if route.matches(request.scope)[0] is not Match.NONE:
                found |= getattr(route, "methods", None) or set()
    found = found or {"GET"}
    return found | {"HEAD"} if "GET" in found else found


def _respond_to_failure(app: FastAPI) -> Callable[[Scope, Receive, Send, Exception], Any]:
    async def answer(scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
        scope.setdefault("app", app)
        told = await _respond(Request(scope, receive), error)
        await told(scope, receive, send)

    return answer
