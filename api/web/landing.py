"""The page at `/`, and the redirect to the local mailbox."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.http.dependencies import TheResources
from api.http.errors import not_found
from api.web.hosted.pages import PAGE_POLICY

routes = APIRouter(include_in_schema=False)

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jalon</title><link rel="stylesheet" href="/static/jalon.css"></head>
<body>
<header class="brand"><span class="mark" aria-hidden="true"></span>Jalon</header>
<main id="content">
<h1>From cart to renewal, and nothing falls between</h1>
<dl class="facts">
<dt><a href="/mailbox">Mailbox</a></dt><dd>The e-mails that left, where this installation keeps a local mailbox.</dd>
<dt><a href="/openapi.json">Interface</a></dt><dd>The HTTP API, described for machines and people.</dd>
<dt><a href="/problems">Problems</a></dt><dd>Every error code, with its cause and its way out.</dd>
<dt><a href="/readyz">Readiness</a></dt><dd>Whether the database and Temporal answer.</dd>
<dt><a href="/console">Console</a></dt><dd>For support, ops and compliance; <code>jalon keys link</code> signs you in.</dd>
</dl>
</main>
</body>
</html>
"""


@routes.get("/")
async def landing() -> Response:
    """The landing page with links."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": PAGE_POLICY})


@routes.get("/mailbox")
async def mailbox(resources: TheResources) -> Response:
    """A redirect to the local mailbox, where there is one."""
    url = resources.settings.mailbox_url
    if url is None:
        raise not_found("No mailbox")
    return RedirectResponse(url)
