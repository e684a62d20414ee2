"""The ways to send e-mail, by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jalon.integrations.mail.port import Mailer
from jalon.integrations.mail.smtp import SmtpMailer, SmtpServer

MAILERS: Final[dict[str, Callable[[SmtpServer], Mailer]]] = {"smtp": SmtpMailer}
