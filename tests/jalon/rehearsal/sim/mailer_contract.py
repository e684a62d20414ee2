"""The contract of a mail server: which copies arrive when it accepts an e-mail, and when it does not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from jalon.integrations.mail.port import (
    Mailer,
    MailRefused,
    MailUnacknowledged,
    MailUnreachable,
    OutgoingMail,
)
from jalon.rehearsal.sim.modelled.mail_server import Post

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One copy of an e-mail."""

    message_id: str
    to: str
    template: str
    at: datetime


class Postal(ABC):
    """A mailer and its server."""

    mailer: Mailer

    @abstractmethod
    def strike(self, fate: Post) -> None:
        """Sets the result of the next e-mail."""

    @abstractmethod
    def arrived(self) -> list[Arrived]:
        """Every copy that arrived."""


def mail(number: int = 1) -> OutgoingMail:
    return OutgoingMail(
        message_id=f"<order-{number}@jalon>",
        to="claire@example.com",
        sender="orders@example.com",
        subject="Prêt",
        html="<p>Prêt</p>",
        text="Prêt",
        headers={"X-Jalon-Template": "contract_ready"},
        at=AT,
    )


COPY = Arrived("<order-1@jalon>", "claire@example.com", "contract_ready", AT)


class MailerContract:
    """An accepted e-mail arrives; one that was not acknowledged may arrive again."""

    async def test_what_is_taken_arrives_once(self, postal: Postal) -> None:
        accepted = await postal.mailer.send(mail())
        assert accepted.message_id == "<order-1@jalon>"
        assert accepted.response.startswith("250")
        assert postal.arrived() == [COPY]

    @pytest.mark.parametrize(
        ("fate", "fault", "code"),
        [(Post.AWAY, MailUnreachable, 451), (Post.REFUSED, MailRefused, 554)],
        ids=["away", "refused"],
    )
    async def test_what_is_not_taken_does_not_arrive_until_it_is_sent_again(
        self, postal: Postal, fate: Post, fault: type[MailUnreachable | MailRefused], code: int
    ) -> None:
        postal.strike(fate)
        with pytest.raises(fault) as raised:
            await postal.mailer.send(mail())
        assert raised.value.code == code
        assert postal.arrived() == []
        await postal.mailer.send(mail())
        assert postal.arrived() == [COPY]

    async def test_what_is_not_acknowledged_has_arrived_and_arrives_again(self, postal: Postal) -> None:
        postal.strike(Post.UNACKNOWLEDGED)
        with pytest.raises(MailUnacknowledged) as raised:
            await postal.mailer.send(mail())
        assert raised.value.code is None
        assert postal.arrived() == [COPY]
        await postal.mailer.send(mail())
        assert postal.arrived() == [COPY, COPY]
