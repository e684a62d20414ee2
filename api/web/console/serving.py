"""What the application serves as the console: its pages, and its errors as pages."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from api.web.console import (
    acts,
    causes,
    entities,
    home,
    live,
    openid,
    planning,
    problems,
    queues,
    reads,
    recoveries,
    repairs,
    search,
    sign_in,
    stops,
)
from api.web.console.rendering import ConsolePages
from api.web.console.staff import NotForRole, SignInFirst
from jalon.client.errors import ApiError

PARTS = (
    acts,
    causes,
    entities,
    home,
    live,
    openid,
    planning,
    queues,
    reads,
    recoveries,
    repairs,
    search,
    sign_in,
    stops,
)
"""The modules that have pages, each as `routes`."""


def install(app: FastAPI, templates: Path) -> None:
    """Adds the console to the application."""
    app.state.console = ConsolePages(templates)
    for part in PARTS:
        app.include_router(part.routes)
    app.add_exception_handler(SignInFirst, sign_in.sign_in_first)
    app.add_exception_handler(NotForRole, problems.other_roles_page)
    app.add_exception_handler(ApiError, problems.api_refused)
