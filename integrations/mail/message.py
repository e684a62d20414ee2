"""An outgoing e-mail as the bytes that go over the wire, the same bytes on every attempt."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from integrations.mail.port import MailRefused, OutgoingMail


def sender_named(name: str, sender: str) -> str:
    """`sender` ("Jalon <orders@example.com>" or a bare address) under another display name."""
    address = parseaddr(sender)[1]
    quoted = " ".join(name.split()).replace("\\", "").replace('"', "'")
    return f'"{quoted}" <{address}>'


def address_of(value: str) -> str:
    """The bare address of "Name <address>"."""
    return parseaddr(value)[1]


def encode(mail: OutgoingMail) -> bytes:
    """RFC 5322 bytes with a text and an HTML part.

    Raises `MailRefused` for a header that would break out of its line.
    """
    message = EmailMessage(policy=SMTP)
    for name, value in _headers(mail):
        if not value.isprintable():
            raise MailRefused(mail.message_id, None, f"the {name} header holds a control character")
        try:
            message[name] = value
        except ValueError:
            raise MailRefused(mail.message_id, None, f"the {name} header cannot be encoded") from None
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message.set_boundary("jalon-" + hashlib.sha256(mail.message_id.encode()).hexdigest()[:32])
    return message.as_bytes()


def _headers(mail: OutgoingMail) -> list[tuple[str, str]]:
    headers = [
        ("From", mail.sender),
        ("To", mail.to),
        ("Subject", mail.subject),
        ("Message-ID", mail.message_id),
        ("Date", format_datetime(mail.at or datetime.now(UTC))),
        ("Auto-Submitted", "auto-generated"),
    ]
    if mail.reply_to:
        headers.append(("Reply-To", mail.reply_to))
    return [*headers, *mail.headers.items()]
