"""The mail server: whether it greets, and how long its certificate lasts."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from jalon.cli.checks.finding import PATIENCE, Finding

RENEWED_BEFORE_DAYS = 14
"""The days before its end by which a certificate should have been renewed."""


def of_the_mail_server(host: str, port: int | str, tls: str, way_out: str) -> Iterator[Finding]:
    """Whether a mail server greets at this address; `port` and `tls` are as the settings have them."""
    trust = ssl.create_default_context()
    try:
        with _opened(host, int(port), tls, trust) as server:
            if tls == "starttls":
                server.starttls(context=trust)
            code, said = server.noop()
            certificate = server.sock.getpeercert() if isinstance(server.sock, ssl.SSLSocket) else None
    except ssl.SSLError as fault:
        yield Finding(
            "mail",
            f"{host}:{port} cannot be trusted: {_reason(fault)}",
            "renew its certificate, or name its host as there",
        )
        return
    except (OSError, ValueError, smtplib.SMTPException) as fault:
        yield Finding("mail", f"no mail server greets at {host}:{port}: {type(fault).__name__}", way_out)
        return
    yield Finding("mail", f"{host}:{port} greets, {code} {said.decode(errors='replace')}")
    if certificate:
        yield of_a_certificate(f"certificate {host}", dict(certificate))


def _opened(host: str, port: int, tls: str, trust: ssl.SSLContext) -> smtplib.SMTP:
    if tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=trust)
    return smtplib.SMTP(host, port, timeout=PATIENCE)


def of_a_site(url: str) -> Iterator[Finding]:
    """The certificate of the pages at this address; nothing where they are without TLS."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname is None:
        return
    subject, host = f"certificate {parts.hostname}", parts.hostname
    try:
        with (
            socket.create_connection((host, parts.port or 443), timeout=PATIENCE) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            yield of_a_certificate(subject, dict(secured.getpeercert() or {}))
    except ssl.SSLError as fault:
        yield Finding(subject, f"cannot be trusted: {_reason(fault)}", "renew it, and serve its whole chain")
    except OSError as fault:
        yield Finding(
            subject, f"{url} does not answer: {type(fault).__name__}", "see the proxy before the API"
        )


def of_a_certificate(subject: str, certificate: dict[str, object]) -> Finding:
    """How long a certificate lasts, of what Python's ssl tells of it."""
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (ends - datetime.now(UTC)).days
    late = days < RENEWED_BEFORE_DAYS
    return Finding(
        subject, f"ends {ends:%Y-%m-%d}, in {days} days", "renew it, and see why nobody did" if late else None
    )


def _reason(fault: ssl.SSLError) -> str:
    return str(getattr(fault, "verify_message", "") or fault.reason or type(fault).__name__)
