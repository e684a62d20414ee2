"""The gateway's operations on its ledger: charges, mandates, refunds. Each function runs in one transaction."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from jalon.local.payment_sandbox.cards import (
    AUTHENTICATION_FAILED,
    CANCELLED,
    EXCEEDS_CAPTURED,
    MANDATE_RELEASED,
    NOT_CAPTURED,
    PROCESSING_ERROR,
    Challenge,
    Decline,
    card_of,
)
from jalon.local.payment_sandbox.events import record_event


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A request for a charge. `amount` is in minor units; `at` is the instant of the caller's clock, ISO 8601 in UTC."""

    amount: int
    currency: str
    method: str
    mandate: str | None
    metadata: Mapping[str, str]
    at: str


class Refusal(Exception):
    """A request that the gateway refuses: HTTP 4xx, nothing is recorded."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def begin_charge(tx: sqlite3.Connection, asked: ChargeRequest) -> str:
    """Inserts an undecided charge and returns its id."""
    if asked.mandate is not None:
        row(tx, "mandate", asked.mandate)
    reference = f"ch_{secrets.token_hex(12)}"
    tx.execute(
        "insert into charge (id, status, amount, currency, method, mandate, metadata, at)"
        " values (?, 'processing', ?, ?, ?, ?, ?, ?)",
        (
            reference,
            asked.amount,
            asked.currency,
            asked.method,
            asked.mandate,
            json.dumps(dict(asked.metadata)),
            asked.at,
        ),
    )
    return reference


def decide_charge(tx: sqlite3.Connection, reference: str, forced: Decline | None = None) -> sqlite3.Row:
    """Captures, declines or challenges an undecided charge. `forced` declines it whatever its card does."""
    charge = row(tx, "charge", reference)
    mandate = row(tx, "mandate", charge["mandate"]) if charge["mandate"] else None
    card = card_of(mandate["method"] if mandate else charge["method"])
    if forced is not None:
        return _close_charge(tx, reference, forced)
    if mandate is not None and mandate["status"] != "stored":
        return _close_charge(tx, reference, MANDATE_RELEASED)
    if card.challenge is Challenge.ALWAYS or (card.challenge is Challenge.ON_SESSION and mandate is None):
        return _challenge(tx, "charge", reference)
    return _close_charge(tx, reference, card.on_charge(_number_of(tx, charge)))


def store_mandate(
    tx: sqlite3.Connection, method: str, metadata: Mapping[str, str], at: str, forced: Decline | None = None
) -> sqlite3.Row:
    """Stores, declines or challenges the authority to charge `method` later."""
    reference = f"man_{secrets.token_hex(12)}"
    card = card_of(method)
    decline = forced or card.on_storing()
    tx.execute(
        "insert into mandate (id, status, method, decline_code, retryable, metadata, at)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            reference,
            "declined" if decline else "stored",
            method,
            decline.code if decline else None,
            bool(decline and decline.retryable),
            json.dumps(dict(metadata)),
            at,
        ),
    )
    if decline is None and card.challenge is not Challenge.NEVER:
        return _challenge(tx, "mandate", reference)
    return _announced(tx, "mandate", reference)


def release_mandate(tx: sqlite3.Connection, reference: str, at: str) -> sqlite3.Row:
    """Gives the authority back. A mandate that is no longer stored is not changed."""
    changed = tx.execute(
        "update mandate set status = 'released', released_at = ?"
        " where id = ? and status in ('stored', 'action_required')",
        (at, reference),
    )
    return _announced(tx, "mandate", reference) if changed.rowcount else row(tx, "mandate", reference)


def cancel_charge(tx: sqlite3.Connection, reference: str) -> sqlite3.Row:
    """Withdraws a charge that waits for its customer. A decided charge is not changed."""
    charge = row(tx, "charge", reference)
    return _close_charge(tx, reference, CANCELLED) if charge["status"] == "action_required" else charge


def refund(
    tx: sqlite3.Connection,
    charge: str,
    amount: int,
    currency: str,
    metadata: Mapping[str, str],
    at: str,
    forced: Decline | None = None,
) -> sqlite3.Row:
    """Refunds a part of a charge, never more than is left of it."""
    captured = row(tx, "charge", charge)
    if captured["currency"] != currency:
        raise Refusal("currency_mismatch", f"charge {charge} is in {captured['currency']}")
    decline = forced
    if decline is None and captured["status"] != "succeeded":
        decline = NOT_CAPTURED
    if decline is None and amount > captured["amount"] - captured["refunded"]:
        decline = EXCEEDS_CAPTURED
    reference = f"re_{secrets.token_hex(12)}"
    kept = {**json.loads(captured["metadata"]), **metadata}
    tx.execute(
        "insert into refund (id, status, charge, amount, currency, decline_code, retryable, metadata, at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reference,
            "declined" if decline else "succeeded",
            charge,
            amount,
            currency,
            decline.code if decline else None,
            bool(decline and decline.retryable),
            json.dumps(kept),
            at,
        ),
    )
    if decline is None:
        tx.execute("update charge set refunded = refunded + ? where id = ?", (amount, charge))
    return _announced(tx, "refund", reference)


def answer_challenge(tx: sqlite3.Connection, token: str, approved: bool) -> tuple[str, sqlite3.Row]:
    """Records the customer's decision; the first one counts. Returns the kind of object and the object's row."""
    kind, challenged = challenge(tx, token)
    if challenged["status"] != "action_required":
        return kind, challenged
    reference = challenged["id"]
    if kind == "charge":
        card = card_of(challenged["method"])
        decline = card.on_charge(_number_of(tx, challenged)) if approved else AUTHENTICATION_FAILED
        return kind, _close_charge(tx, reference, decline)
    tx.execute(
        "update mandate set status = ?, decline_code = ? where id = ?",
        ("stored" if approved else "declined", None if approved else AUTHENTICATION_FAILED.code, reference),
    )
    return kind, _announced(tx, "mandate", reference)


def challenge(tx: sqlite3.Connection, token: str) -> tuple[str, sqlite3.Row]:
    """The object of a challenge: "charge" or "mandate", and its row."""
    for kind in ("charge", "mandate"):
        found: sqlite3.Row | None = tx.execute(
            f"select * from {kind} where challenge = ?", (token,)
        ).fetchone()
        if found is not None:
            return kind, found
    raise Refusal("challenge_not_found", "there is no such confirmation", 404)


def close_unfinished(tx: sqlite3.Connection) -> None:
    """Declines what a killed process left undecided, which moved no money, and releases its keys."""
    for unfinished in tx.execute("select id from charge where status = 'processing'").fetchall():
        _close_charge(tx, unfinished["id"], PROCESSING_ERROR)
    tx.execute("delete from answered_key where status is null")


def row(tx: sqlite3.Connection, kind: str, reference: str) -> sqlite3.Row:
    """One charge, mandate or refund by its id."""
    found: sqlite3.Row | None = tx.execute(f"select * from {kind} where id = ?", (reference,)).fetchone()
    if found is None:
        raise Refusal(f"{kind}_not_found", f'there is no {kind} "{reference}"', 404)
    return found


def _number_of(tx: sqlite3.Connection, charge: sqlite3.Row) -> int:
    """The number of this charge among the decided charges of its card, from 1."""
    where, value = (
        ("mandate = ?", charge["mandate"])
        if charge["mandate"]
        else ("mandate is null and method = ?", charge["method"])
    )
    decided = tx.execute(
        f"select count(*) from charge where {where} and status in ('succeeded', 'declined') and id <> ?",
        (value, charge["id"]),
    ).fetchone()
    return int(decided[0]) + 1


def _close_charge(tx: sqlite3.Connection, reference: str, decline: Decline | None) -> sqlite3.Row:
    tx.execute(
        "update charge set status = ?, decline_code = ?, retryable = ? where id = ?",
        (
            "declined" if decline else "succeeded",
            decline.code if decline else None,
            bool(decline and decline.retryable),
            reference,
        ),
    )
    return _announced(tx, "charge", reference)


def _challenge(tx: sqlite3.Connection, kind: str, reference: str) -> sqlite3.Row:
    tx.execute(
        f"update {kind} set status = 'action_required', challenge = ? where id = ?",
        (secrets.token_urlsafe(24), reference),
    )
    return _announced(tx, kind, reference)


def _announced(tx: sqlite3.Connection, kind: str, reference: str) -> sqlite3.Row:
    changed = row(tx, kind, reference)
    record_event(tx, kind, changed)
    return changed
