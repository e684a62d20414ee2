"""Reads a delivery report, as mail servers send it back for an e-mail that they had taken and could not deliver (RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_MESSAGE_ID = re.compile(r"<[^\s<>]+>")
UNSAID = "5.0.0"
"""The status of a failure whose report names none: undefined, and permanent (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """An e-mail that came back for good: the Message-ID that it left with, and the status of its failure, such as 5.1.1 (RFC 3463)."""

    message_id: str
    status: str


class NoReport(ValueError):
    """The message is no delivery report, or names no e-mail of ours."""


def read_bounce(raw: bytes) -> Bounce | None:
    """The failure that the report tells; None for a delay and for a success. Raises NoReport."""
    # Headers are read as they stand: the parsers of the newer policy fail on many that mail servers return.
    parts = list(message_from_bytes(raw).walk())
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not reports:
        raise NoReport("it has no part of the type message/delivery-status")
    failed = [status for report in reports for block in _blocks(report) if (status := _failure(block))]
    message_id = _returned_id(parts)
    if message_id is None:
        raise NoReport("it returns no Message-ID: let the mail server return at least the headers")
    return Bounce(message_id, failed[0]) if failed else None


def _blocks(report: Message) -> list[Message]:
    payload = report.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _failure(block: Message) -> str | None:
    """The status of a recipient to whom the mail server gave up to deliver (X16).

    A failure of a class that may pass, such as 4.4.7, is final too: the server sends `failed` when it tries no more.
    """
    action, status = str(block.get("Action", "")).split(), str(block.get("Status", "")).split()
    if not action or action[0].casefold() != "failed":
        return None
    return status[0] if status else UNSAID


def _returned_id(parts: Sequence[Message]) -> str | None:
    for part in parts:
        if part.get_content_type() not in RETURNED:
            continue
        payload = part.get_payload()
        returned = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(returned, Message):
            headers = part.get_payload(decode=True)
            returned = message_from_bytes(headers if isinstance(headers, bytes) else b"")
        found = _MESSAGE_ID.search(str(returned.get("Message-ID", "")))
        if found:
            return found[0]
    return None
