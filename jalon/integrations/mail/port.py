"""An outgoing e-mail, and the three ways in which sending it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One e-mail, ready to send.

    `message_id` names the intent ("<…@…>") and is the same on every attempt. `to` is a bare address, `sender` an address or "Name
    <address>". `at` becomes the Date header (the store's instant); None means now. `headers` are additional headers.
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
    """The server took responsibility for the e-mail; `response` is its answer to DATA, `server` its name and port."""

    message_id: str
    response: str
    server: str = ""


class MailFault(Exception):
    """An e-mail that was not accepted.

    The text holds codes and the server's reply codes only, never an address.
    """

    def __init__(self, message_id: str, code: int | None, reason: str) -> None:
        self.message_id = message_id
        self.code = code
        self.reason = reason
        super().__init__(f"{message_id}: {reason}" + (f" ({code})" if code else ""))

    @property
    def code_class(self) -> str | None:
        """The class of the server's reply code, as in "4xx", which groups equal causes; None where the server gave none."""
        return f"{self.code // 100}xx" if self.code else None


class MailRefused(MailFault):
    """Refused permanently (5xx, or not fit to be sent): another attempt gives the same result."""

    permanent = True


class MailUnreachable(MailFault):
    """Not accepted this time (no connection, 4xx, login refused): another attempt may succeed."""

    permanent = False


class MailUnacknowledged(MailFault):
    """The connection was lost while the content was being sent, so the e-mail may have arrived.

    Send it again under the same Message-ID: delivery is at least once.
    """

    permanent = False


class Mailer(Protocol):
    """A way to send e-mail. Safe for concurrent use."""

    async def send(self, message: OutgoingMail) -> Accepted:
        """Sends one e-mail. Raises `MailRefused`, `MailUnreachable` or `MailUnacknowledged`."""
        ...
