"""The pages of the sandbox: where a customer gives a card or confirms (3-D Secure), and the developer's list of charges."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from babel.numbers import format_currency, get_currency_precision
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jalon.local.payment_sandbox import book, setups
from jalon.local.payment_sandbox.api import Here
from jalon.local.payment_sandbox.book import Refusal
from jalon.local.payment_sandbox.cards import CARDS

routes = APIRouter()
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_WORDS = tomllib.loads((Path(__file__).parent / "pages" / "words.toml").read_text(encoding="utf-8"))
_SHOWN = 200
_RETURNS_AFTER = 2
"""Seconds for which the outcome of a confirmation stands before the browser goes back to the shop."""


@routes.get("/challenge/{token}")
async def show(token: str, request: Request, gateway: Here, return_to: str = "") -> HTMLResponse:
    """The page of a challenge. A GET changes nothing, since mail scanners and previews fetch links."""
    language = _language(request)
    try:
        kind, challenged = gateway.ledger.read(lambda tx: book.challenge(tx, token))
    except Refusal:
        return _page("gone.html", language, status=404)
    state, back = _state(challenged), return_to if _safe(return_to) else ""
    shown = _page(
        "challenge.html",
        language,
        amount=_amount(challenged, language) if kind == "charge" else None,
        method=challenged["method"].partition(".")[0].replace("_", " "),
        store=json.loads(challenged["metadata"]).get("store"),
        reference=challenged["id"],
        state=state,
        return_to=back,
    )
    if back and state != "waiting":
        shown.headers["Refresh"] = f"{_RETURNS_AFTER}; url={back}"
    return shown


@routes.post("/challenge/{token}")
async def decide(token: str, request: Request, gateway: Here, return_to: str = "") -> RedirectResponse:
    """Records the customer's decision, approve or deny. The first decision counts."""
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    decision = form.get("decision", [""])[0]
    if decision not in ("approve", "deny"):
        raise Refusal("invalid_request", "decision is approve or deny")
    await gateway.ledger.write(lambda tx: book.answer_challenge(tx, token, decision == "approve"))
    gateway.webhooks.wake()
    query = f"?{urlencode({'return_to': return_to})}" if return_to else ""
    return RedirectResponse(f"/challenge/{token}{query}", 303, _HEADERS)


@routes.get("/setup/{reference}")
async def show_setup(reference: str, request: Request, gateway: Here) -> HTMLResponse:
    """The page on which a customer gives a card, in the language of its session."""
    try:
        setup = gateway.ledger.read(lambda tx: book.row(tx, "setup", reference))
    except Refusal:
        return _page("gone.html", _language(request), status=404)
    language = setup["language"]
    return _page(
        "setup.html",
        language,
        cards={token: (token.replace("_", " "), _WORDS[language]["cards"][token]) for token in CARDS},
        store=json.loads(setup["metadata"]).get("store"),
        is_open=setup["status"] == "open",
        return_to=setups.way_back(setup),
    )


@routes.post("/setup/{reference}")
async def give(reference: str, request: Request, gateway: Here) -> RedirectResponse:
    """Records the card that the customer chose, and sends the browser back to the shop. The first choice counts."""
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    card = form.get("card", [""])[0]
    setup = await gateway.ledger.write(lambda tx: setups.give(tx, reference, card))
    gateway.webhooks.wake()
    await gateway.webhooks.tried(reference)
    return RedirectResponse(setups.way_back(setup), 303, _HEADERS)


@routes.get("/")
async def captures(gateway: Here, store: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """The latest charges; with ?store= those of one store."""
    condition = "where ?1 = '' or json_extract(metadata, '$.store') = ?1"
    rows = gateway.ledger.read(
        lambda tx: tx.execute(
            f"select * from charge {condition} order by seq desc limit {_SHOWN}", (store,)
        ).fetchall()
    )
    charges = [{**dict(row), "amount": _amount(row, "en"), "about": _about(row)} for row in rows]
    return _page("captures.html", "en", charges=charges, store=store)


def _page(template: str, language: str, status: int = 200, **facts: Any) -> HTMLResponse:
    html = _PAGES.get_template(template).render(lang=language, words=_WORDS[language], **facts)
    return HTMLResponse(html, status, _HEADERS)


def _language(request: Request) -> str:
    first = request.headers.get("accept-language", "").strip().lower()
    return "fr" if first.startswith("fr") else "en"


def _amount(charge: sqlite3.Row, language: str) -> str:
    major = charge["amount"] / 10 ** get_currency_precision(charge["currency"])
    return format_currency(major, charge["currency"], locale=language)


def _state(challenged: sqlite3.Row) -> str:
    status = challenged["status"]
    if status in ("succeeded", "stored"):
        return "confirmed"
    return "waiting" if status == "action_required" else "refused"


def _about(charge: sqlite3.Row) -> str:
    return " · ".join(
        f"{name} {value}" for name, value in json.loads(charge["metadata"]).items() if name != "payment_key"
    )


def _safe(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")
