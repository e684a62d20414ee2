"""The SMTP server of the mailbox. It stores a message before it acknowledges it."""

from __future__ import annotations

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from jalon.local.mailbox.faults import Faults, Kind
from jalon.local.mailbox.letters import Letters

MAX_BYTES = 10 * 1024 * 1024
KEPT = "250 2.0.0 kept"


class Receiver:
    """Handles arriving messages."""

    def __init__(self, letters: Letters, faults: Faults) -> None:
        self._letters = letters
        self._faults = faults

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Handles a whole message from aiosmtpd and returns the answer for the sender."""
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        fault = self._faults.take(recipients)
        if fault is Kind.REFUSE_451:
            return "451 4.3.0 not now, as asked"
        if fault is Kind.REFUSE_554:
            return "554 5.7.1 never, as asked"
        content = envelope.content
        self._letters.keep(recipients, content if isinstance(content, bytes) else str(content).encode())
        if fault is Kind.DROP_AFTER_DATA and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        if fault is Kind.STALL:
            await asyncio.Event().wait()
        return KEPT


async def listen(letters: Letters, faults: Faults, host: str, port: int) -> asyncio.Server:
    """Opens the SMTP port. Raises OSError when the port is in use."""
    receiver = Receiver(letters, faults)
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(receiver, hostname="mailbox.localhost", data_size_limit=MAX_BYTES, enable_SMTPUTF8=True),
        host,
        port,
    )
