"""What an outgoing e-mail is, and the three ways its sending can end other than well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One e-mail, ready to leave.

    `message_id` names the intent ("<…@…>") and is the same on every attempt. `to` is a bare address,
    `sender` an address or "Name <address>". `at` becomes the Date header (the store's instant); None:
    now. `headers` are extra.
    """

    message_id: str
    to: str
    sender: str
    subject: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility for the e-mail; `response` is its answer to DATA."""

    message_id: str
    response: str


class MailFault(Exception):
    """An e-mail that was not accepted.

    The texts hold codes and server answers' codes only, never an address.
    """

    def __init__(self, message_id: str, code: int | None, reason: str) -> None:
        self.message_id = message_id
        self.code = code
        self.reason = reason
        super().__init__(f"{message_id}: {reason}" + (f" ({code})" if code else ""))


class MailRefused(MailFault):
    """Refused for good (5xx, or unfit to be sent at all): trying again changes nothing."""

    permanent = True


class MailUnreachable(MailFault):
    """Not taken this time (no connection, 4xx, our login refused): try again later."""

    permanent = False


class MailUnacknowledged(MailFault):
    """The connection was lost after the content began to be sent: it may have arrived.

    Send the same Message-ID again; the promise is at least once.
    """

    permanent = False


class Mailer(Protocol):
    """A way for e-mail to leave. Safe for concurrent use."""

    async def send(self, message: OutgoingMail) -> Accepted:
        """Hand over one e-mail. Raises `MailRefused`, `MailUnreachable` or `MailUnacknowledged`."""
        ...
