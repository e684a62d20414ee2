"""Set-up sessions in the ledger: the customer gives a card on a page of the gateway. Each function runs in one transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping

from jalon.local.payment_sandbox import book
from jalon.local.payment_sandbox.book import Refusal
from jalon.local.payment_sandbox.cards import CARDS
from jalon.local.payment_sandbox.events import record_event

SESSION = "{session}"
"""In a return address: the place of the session's id."""
_OWN = 8
"""The letters of a session's id that make a given card one of its own."""


def begin(
    tx: sqlite3.Connection, return_url: str, language: str, metadata: Mapping[str, str], at: str
) -> sqlite3.Row:
    """Begins a session and returns its row."""
    reference = f"cs_{secrets.token_hex(12)}"
    tx.execute(
        "insert into setup (id, status, return_url, language, metadata, at) values (?, 'open', ?, ?, ?, ?)",
        (reference, return_url, language, json.dumps(dict(metadata)), at),
    )
    return book.row(tx, "setup", reference)


def give(tx: sqlite3.Connection, reference: str, card: str) -> sqlite3.Row:
    """Records the card that the customer gives, as one of its own. The first one counts."""
    if card not in CARDS:
        raise Refusal("invalid_request", "this is no card of the sandbox")
    book.row(tx, "setup", reference)
    first = tx.execute(
        "update setup set status = 'complete', method = ? where id = ? and status = 'open'",
        (f"{card}.{reference[-_OWN:]}", reference),
    )
    given = book.row(tx, "setup", reference)
    if first.rowcount:
        record_event(tx, "setup", given)
    return given


def way_back(setup: sqlite3.Row) -> str:
    """The address to which the browser comes back."""
    return str(setup["return_url"]).replace(SESSION, setup["id"])
