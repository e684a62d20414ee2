"""Verifies webhooks signed according to Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, at most five minutes old."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from jalon.integrations.payments.port import EventRefused, EventUnreadable

TOLERANCE_SECONDS = 300
_ID = re.compile(r"[!-~]{1,255}")
_STAMP = re.compile(r"[0-9]{1,12}")


def read_signed(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """The JSON object of a webhook with a valid signature. Raises EventRefused and EventUnreadable.

    The age is measured in real time, whatever clock the store has. `webhook-signature` may hold several signatures, one for each secret
    while the secret is being changed.
    """
    try:
        event_id, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        given = [
            each.removeprefix("v1,")
            for each in headers["webhook-signature"].split()
            if each.startswith("v1,")
        ]
    except KeyError as error:
        raise EventRefused(f"not a signed webhook: {error}") from error
    if not _ID.fullmatch(event_id):
        raise EventRefused("not a signed webhook: its id is not 1 to 255 visible characters")
    if not _STAMP.fullmatch(stamp):
        raise EventRefused("not a signed webhook: its timestamp is not in seconds")
    age = abs(time.time() - int(stamp))
    expected = sign(body, event_id, stamp, secret)
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in given):
        raise EventRefused("the signature does not hold")
    if age > TOLERANCE_SECONDS:
        raise EventRefused(f"signed {age:.0f} s ago, {TOLERANCE_SECONDS} s at most")
    try:
        event = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise EventUnreadable(event_id, f"the event is not JSON: {type(error).__name__}") from error
    if not isinstance(event, dict) or event.get("id") != event_id:
        raise EventUnreadable(event_id, "the event is no object with the signed id")
    return event


def read_text(value: object) -> str:
    """The value, if it is a text that can be stored; otherwise ValueError."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    value.encode()
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def sign(body: bytes, event_id: str, stamp: str, secret: str) -> str:
    """The signature in base64. `secret` is written `whsec_` + base64."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise EventRefused("the webhook secret is not base64") from error
    content = f"{event_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
