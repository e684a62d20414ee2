"""Serves what is done with a subscription to both its readers: who is signed in, and who came by the link of an e-mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from api.web.portal.visits import Visit, at_the_portal, by_link

Handler = Callable[[Request, Visit], Awaitable[Response]]
Handlers = tuple[tuple[str, str, Handler], ...]
"""A method, the end of a path, and what answers it."""

READERS: tuple[tuple[str, Callable[[Request], Awaitable[Visit]]], ...] = (
    ("/portal/{store}/{country}/subscriptions/{subscription}", at_the_portal),
    ("/h/portal/{token}", by_link),
)


def serve_to_both(routes: APIRouter, handlers: Handlers) -> None:
    """Adds a route for each handler and reader."""
    for path, find in READERS:
        for method, suffix, handler in handlers:
            routes.add_api_route(
                path + suffix,
                _served(find, handler),
                methods=[method],
                name=f"{handler.__name__}_{find.__name__}",
                response_model=None,
            )


def _served(find: Callable[[Request], Awaitable[Visit]], handler: Handler) -> Callable[..., object]:
    async def serve(request: Request) -> Response:
        return await handler(request, await find(request))

    return serve
