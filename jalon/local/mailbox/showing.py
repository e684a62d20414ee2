"""The HTTP server of the mailbox: a page for people, JSON for tests and the demo, and the control of failures."""

from __future__ import annotations

from http import HTTPStatus
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from jalon.local.mailbox.faults import Fault, Faults, Kind
from jalon.local.mailbox.letters import Letter, Letters, Wanted

PAGE = 100
MOST = 50_000
_DIGITS = 18
"""How long a number may be that SQLite compares."""
STYLE = Path(__file__).resolve().parents[3] / "templates" / "static" / "jalon.css"
_SEALED = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src data:"
)


class Showing:
    """The routes of the mailbox."""

    def __init__(self, letters: Letters, faults: Faults) -> None:
        self._letters = letters
        self._faults = faults
        self._pages = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "pages"),
            autoescape=True,
            undefined=StrictUndefined,
        )

    def app(self) -> Starlette:
        """The application to serve."""
        return Starlette(
            routes=[
                Route("/", self.list_page),
                Route("/messages/{number}", self.message_page),
                Route("/messages/{number}/html", self.message_html),
                Route("/static/jalon.css", style),
                Route("/healthz", healthy),
                Route("/api/messages", self.messages, methods=["GET", "DELETE"]),
                Route("/api/messages/{number}", self.message),
                Route("/_control/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            ]
        )

    async def list_page(self, request: Request) -> Response:
        """The messages that arrived, newest first."""
        wanted = _wanted(request)
        page = self._pages.get_template("list.html.j2").render(
            letters=self._letters.find(wanted, PAGE, newest_first=True),
            total=self._letters.count(wanted),
            wanted=wanted,
        )
        return HTMLResponse(page)

    async def message_page(self, request: Request) -> Response:
        """One message: its HTML in a sandboxed frame, its text, its headers."""
        letter = self._letter(request)
        return HTMLResponse(self._pages.get_template("message.html.j2").render(letter=letter))

    async def message_html(self, request: Request) -> Response:
        """The HTML part alone. Its links open in a new tab, and its scripts never run."""
        html = self._letter(request).html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(
            html, headers={"Content-Security-Policy": _SEALED, "Referrer-Policy": "no-referrer"}
        )

    async def messages(self, request: Request) -> Response:
        """GET: `{"messages": [...], "total": n}`, oldest first, `total` before `limit`.

        DELETE: empty the mailbox.
        """
        if request.method == "DELETE":
            return JSONResponse({"deleted": self._letters.clear()})
        wanted = _wanted(request)
        limit = min(_number(request, "limit", MOST), MOST)
        letters = self._letters.find(wanted, limit)
        return JSONResponse(
            {"messages": [_brief(each) for each in letters], "total": self._letters.count(wanted)}
        )

    async def message(self, request: Request) -> Response:
        """One message: the fields of the list, with text, html, links and headers."""
        letter = self._letter(request)
        whole = {"text": letter.text, "html": letter.html, "links": letter.links}
        headers = [[name, str(value)] for name, value in letter.message.items()]
        return JSONResponse(_brief(letter) | whole | {"headers": headers})

    async def faults(self, request: Request) -> Response:
        """POST `{"kind", "count": 1, "to": ""}` adds failures, GET lists those still due, DELETE removes them."""
        if request.method == "DELETE":
            self._faults.clear()
        if request.method == "POST":
            self._faults.arm(_fault(await _body(request)))
        due = [{"kind": each.kind, "count": each.count, "to": each.to} for each in self._faults.due()]
        return JSONResponse({"faults": due})

    def _letter(self, request: Request) -> Letter:
        text = request.path_params["number"]
        letter = self._letters.read(int(text)) if _is_number(text) else None
        if letter is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no message has this number")
        return letter


async def style(_request: Request) -> Response:
    """The style sheet of all pages."""
    return FileResponse(STYLE, media_type="text/css")


async def healthy(_request: Request) -> Response:
    """Answers while the mailbox serves."""
    return PlainTextResponse("ok")


def _brief(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.number,
        "received_at": letter.received_at,
        "sent_at": letter.sent_at,
        "to": letter.to,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "template": letter.template,
        "copies": letter.copies,
    }


def _wanted(request: Request) -> Wanted:
    given = {name: request.query_params.get(name, "") for name in ("to", "subject", "message_id", "template")}
    return Wanted(**given, after=_number(request, "after", 0))


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if text and not _is_number(text):
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, f"{name} must be a whole number of {_DIGITS} digits at most"
        )
    return int(text) if text else default


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body must be a JSON object")
    return body


def _fault(body: dict[str, Any]) -> Fault:
    count = body.get("count", 1)
    if body.get("kind") not in list(Kind):
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"kind must be one of {', '.join(Kind)}")
    if not isinstance(count, int) or count < 1:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "count must be a whole number from 1")
    return Fault(Kind(body["kind"]), count, str(body.get("to") or ""))
