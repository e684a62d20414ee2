"""Events of the gateway, recorded in the transaction of the change and delivered later. Events are hints, not facts."""

from __future__ import annotations

import json
import secrets
import sqlite3
from typing import Any


def record_event(tx: sqlite3.Connection, kind: str, changed: sqlite3.Row) -> None:
    """Records that a charge, mandate, refund or set-up session has a new status, in the transaction that changes the status."""
    tx.execute(
        "insert into event (id, type, object, metadata, at, state)"
        " select ?, ?, ?, ?, ?,"
        " case when exists (select 1 from webhook_address) then 'waiting' else 'unaddressed' end",
        (
            f"evt_{secrets.token_hex(12)}",
            f"{kind}.{changed['status']}",
            changed["id"],
            changed["metadata"],
            changed["at"],
        ),
    )


def event_body(event: sqlite3.Row) -> dict[str, Any]:
    """The JSON of an event. The receiver fetches the object: events come late, twice and in any order."""
    kind = event["type"].partition(".")[0]
    return {
        "id": event["id"],
        "type": event["type"],
        "at": event["at"],
        "data": {"object": kind, "id": event["object"], "metadata": json.loads(event["metadata"])},
    }
