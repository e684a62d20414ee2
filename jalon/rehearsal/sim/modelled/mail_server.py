"""The mail server in memory: it accepts, refuses permanently, is unreachable, or loses its acknowledgement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from jalon.integrations.mail.port import (
    Accepted,
    MailRefused,
    MailUnacknowledged,
    MailUnreachable,
    OutgoingMail,
)


class Post(Enum):
    """The result of one delivery."""

    TAKEN = "taken"
    UNACKNOWLEDGED = "unacknowledged"
    AWAY = "away"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail that arrived, as it was sent."""

    mail: OutgoingMail
    acknowledged: bool

    @property
    def message_id(self) -> str:
        """The Message-ID."""
        return self.mail.message_id

    @property
    def to(self) -> str:
        """The address of its reader."""
        return self.mail.to

    @property
    def template(self) -> str:
        """The name of its template."""
        return self.mail.headers["X-Jalon-Template"]

    @property
    def at(self) -> datetime | None:
        """The instant at which a sandbox store sent it."""
        return self.mail.at


class MailServer:
    """Accepts e-mails one by one. `fate` is called once for each."""

    def __init__(self, fate: Callable[[str], Post], pause: Callable[[bool], Awaitable[None]]) -> None:
        self._fate, self._pause = fate, pause
        self.letters: list[Letter] = []
        self.arrived: list[Callable[[Letter], None]] = []

    async def send(self, mail: OutgoingMail) -> Accepted:
        """Delivers one e-mail. Raises MailRefused, MailUnreachable and MailUnacknowledged."""
        await self._pause(False)
        fate = self._fate(mail.to)
        if fate is Post.AWAY:
            raise MailUnreachable(mail.message_id, 451, "try again later")
        if fate is Post.REFUSED:
            raise MailRefused(mail.message_id, 554, "no such mailbox")
        acknowledged = fate is Post.TAKEN
        letter = Letter(mail, acknowledged)
        self.letters.append(letter)
        for call in self.arrived:
            call(letter)
        if not acknowledged:
            await self._pause(True)
            raise MailUnacknowledged(mail.message_id, None, "the connection was lost")
        await self._pause(False)
        return Accepted(mail.message_id, "250 ok")
