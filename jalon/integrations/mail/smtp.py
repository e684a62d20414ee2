"""Sends e-mail by SMTP (RFC 5321), one connection for each message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
)

from jalon.integrations.mail.message import address_of, encode
from jalon.integrations.mail.port import (
    Accepted,
    MailFault,
    MailRefused,
    MailUnacknowledged,
    MailUnreachable,
    OutgoingMail,
)

Tls = Literal["none", "starttls", "tls"]
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """An SMTP server.

    `timeout` in seconds bounds each exchange, `connections` limits those open at once, `hello` is the name in EHLO.
    """

    host: str
    port: int
    tls: Tls = "none"
    user: str | None = None
    password: str | None = None
    timeout: float = 10.0
    connections: int = 16
    hello: str = "localhost"


class SmtpMailer:
    """Sends e-mail through one SMTP server."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._slots = asyncio.Semaphore(server.connections)

    async def send(self, message: OutgoingMail) -> Accepted:
        """Sends one e-mail; see `Mailer.send`.

        The wait for a free connection has no limit: the caller's timeout ends it.
        """
        content = encode(message)
        async with self._slots:
            client = await self._connect(message.message_id)
            try:
                await self._address(client, message)
                accepted = await self._hand_over(client, message.message_id, content)
            except BaseException:
                client.close()
                raise
            await _hang_up(client)
            return accepted

    async def _connect(self, message_id: str) -> SMTP:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.hello,
            timeout=server.timeout,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            username=server.user,
            password=server.password,
        )
        try:
            await client.connect()
        except SMTPAuthenticationError as fault:
            raise MailUnreachable(message_id, fault.code, "the mail server refused our login") from None
        except (SMTPException, OSError) as fault:
            raise MailUnreachable(message_id, None, f"no connection: {type(fault).__name__}") from None
        return client

    async def _address(self, client: SMTP, message: OutgoingMail) -> None:
        try:
            await client.mail(address_of(message.sender))
            await client.rcpt(message.to)
        except SMTPResponseException as answer:
            raise _answered(message.message_id, answer) from None
        except ValueError:
            raise MailRefused(message.message_id, None, "an address cannot be written in SMTP") from None
        except (SMTPException, OSError) as fault:
            raise MailUnreachable(message.message_id, None, f"lost: {type(fault).__name__}") from None

    async def _hand_over(self, client: SMTP, message_id: str, content: bytes) -> Accepted:
        try:
            response = await client.data(content)
        except SMTPResponseException as answer:
            raise _answered(message_id, answer) from None
        except (SMTPException, OSError) as fault:
            reason = f"no answer after DATA: {type(fault).__name__}"
            raise MailUnacknowledged(message_id, None, reason) from None
        server = f"{self._server.host}:{self._server.port}"
        return Accepted(message_id, f"{response.code} {response.message}", server)


def _answered(message_id: str, answer: SMTPResponseException) -> MailFault:
    if answer.code >= PERMANENT:
        return MailRefused(message_id, answer.code, "refused by the mail server")
    return MailUnreachable(message_id, answer.code, "deferred by the mail server")


async def _hang_up(client: SMTP) -> None:
    # The e-mail is already accepted, so a QUIT that fails is not a fault of the sending.
    try:
        await client.quit()
    except (SMTPException, OSError):
        client.close()
