"""Encodes an outgoing e-mail as bytes. Every attempt sends the same bytes.

This module replaces `email.message.EmailMessage`, which took as long as the rest of the sending.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_qp
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from jalon.addresses import wire_address
from jalon.integrations.mail.port import MailRefused, OutgoingMail

_CRLF = b"\r\n"
_HEADER_WIDTH = 76


def sender_named(name: str, sender: str) -> str:
    """`sender` ("Jalon <orders@example.com>" or a bare address) under another display name, its domain in ASCII."""
    shown = "".join(char for char in " ".join(name.split()) if char not in '"\\<>')
    return f'"{shown}" <{_sent_from(sender)}>'


def message_id(unique: str, sender: str) -> str:
    """The Message-ID of a sender's e-mail, by a name that no other of them has, and the domain in ASCII (RFC 5322)."""
    return f"<{unique}@{_sent_from(sender).rpartition('@')[2]}>"


@lru_cache(maxsize=1024)
def _sent_from(sender: str) -> str:
    # A store sends all its e-mails from one address.
    return wire_address(address_of(sender))


def address_of(value: str) -> str:
    """The bare address of "Name <address>"."""
    return parseaddr(value)[1]


def encode(mail: OutgoingMail) -> bytes:
    """RFC 5322 bytes with a text and an HTML part.

    Raises `MailRefused` for a header whose value contains a line break.
    """
    boundary = b"jalon-" + hashlib.sha256(mail.message_id.encode()).hexdigest()[:32].encode()
    return _CRLF.join(
        [
            *(_header(mail, name, value) for name, value in _headers(mail)),
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/alternative; boundary="' + boundary + b'"',
            b"",
            *_part(boundary, b"plain", mail.text),
            *_part(boundary, b"html", mail.html),
            b"--" + boundary + b"--",
            b"",
        ]
    )


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


def _header(mail: OutgoingMail, name: str, value: str) -> bytes:
    if any(ord(char) < ord(" ") or char == "\x7f" for char in name + value):
        raise MailRefused(mail.message_id, None, f"the {name!r} header holds a control character")
    if value.isascii():
        return f"{name}: {value}".encode("ascii")
    shown, address = parseaddr(value) if value.endswith(">") else ("", "")
    words = Header(shown or value, "utf-8", _HEADER_WIDTH, header_name=name).encode(linesep="\r\n")
    return f"{name}: {words}{f' <{address}>' if address else ''}".encode()


def _part(boundary: bytes, subtype: bytes, text: str) -> list[bytes]:
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return [
        b"--" + boundary,
        b"Content-Type: text/" + subtype + b'; charset="utf-8"',
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        b2a_qp(lines.encode(), istext=True),
    ]
