"""The JSON of charges, mandates, refunds and set-up sessions, and the HTTP status that goes with them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from jalon.local.payment_sandbox.cards import decline_of
from jalon.local.payment_sandbox.faults import Operation
from jalon.local.payment_sandbox.keys import Answer

_HIDDEN = ("seq", "challenge")
_MAY_DECLINE = (Operation.CHARGE, Operation.STORE_MANDATE, Operation.REFUND)


def shown(kind: str, row: sqlite3.Row, base_url: str) -> dict[str, Any]:
    """One object as JSON. Amounts in minor units; `challenge_url` while the customer has to confirm, `url` where they give a card."""
    fields = {name: row[name] for name in row.keys() if name not in _HIDDEN}  # noqa: SIM118 (rows iterate values)
    fields["object"] = kind
    fields["metadata"] = json.loads(row["metadata"])
    if kind == "setup":
        return fields | {"url": f"{base_url}/setup/{row['id']}"}
    fields["retryable"] = bool(row["retryable"])
    if row["status"] == "action_required":
        fields["challenge_url"] = f"{base_url}/challenge/{row['challenge']}"
    return fields


def answer_with(operation: Operation, kind: str, row: sqlite3.Row, base_url: str) -> Answer:
    """201 with the object, or 402 with the object inside the error where the request was declined."""
    fields = shown(kind, row, base_url)
    if row["status"] != "declined" or operation not in _MAY_DECLINE:
        return Answer(201, fields)
    decline = decline_of(row["decline_code"])
    error = {
        "code": decline.code,
        "message": decline.message,
        "retryable": decline.retryable,
        "object": fields,
    }
    return Answer(402, {"error": error})
