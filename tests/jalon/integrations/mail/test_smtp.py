"""Sending over real SMTP: accepted, deferred, refused, and without an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jalon.integrations.mail.message import encode, message_id, sender_named
from jalon.integrations.mail.port import MailRefused, MailUnacknowledged, MailUnreachable, OutgoingMail
from jalon.integrations.mail.registry import MAILERS
from jalon.integrations.mail.smtp import SmtpMailer, SmtpServer
from jalon.local.ports import HOST, free_port
from tests.jalon.local.mailbox_process import MailboxProcess

TO = "claire@example.com"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailboxProcess]:
    process = MailboxProcess(tmp_path_factory.mktemp("mailbox") / "mailbox.sqlite").start()
    yield process
    process.stop()


@pytest.fixture
def mailbox(server: MailboxProcess) -> MailboxProcess:
    server.http.delete("/api/messages")
    server.http.delete("/_control/faults")
    return server


@pytest.fixture
def mailer(mailbox: MailboxProcess) -> SmtpMailer:
    return SmtpMailer(SmtpServer(HOST, mailbox.smtp_port, timeout=2))


def mail(
    message_id: str = "<order-1.contract_ready@jalon>", to: str = TO, subject: str = "Prêt"
) -> OutgoingMail:
    return OutgoingMail(
        message_id=message_id,
        to=to,
        sender=sender_named("Étaiement & Cie", "Jalon <orders@example.com>"),
        subject=subject,
        html="<p>Le contrat est prêt : 1\u202f200,00\u00a0€</p>",
        text="Le contrat est prêt : 1\u202f200,00\u00a0€\n.\nligne après un point\n",
        headers={"X-Jalon-Template": "contract_ready"},
        reply_to="support@example.com",
        at=datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
    )


async def test_an_accepted_mail_arrives_whole(mailer: SmtpMailer, mailbox: MailboxProcess) -> None:
    accepted = await mailer.send(mail(subject="Étaiement Pro : renouvellement le 1er janvier 2027, " * 2))
    assert accepted.message_id == "<order-1.contract_ready@jalon>"
    assert accepted.response.startswith("250")
    [brief] = mailbox.messages(to=TO)
    whole = mailbox.read(brief["id"])
    assert whole["text"] == mail().text
    assert whole["html"] == mail().html
    assert whole["subject"].split() == ("Étaiement Pro : renouvellement le 1er janvier 2027, " * 2).split()
    assert whole["template"] == "contract_ready"
    assert whole["sent_at"] == "2026-01-15T09:30:00+00:00"
    headers = dict(whole["headers"])
    assert headers["From"] == "Étaiement & Cie <orders@example.com>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Reply-To"] == "support@example.com"


async def test_a_store_of_an_international_domain_writes_in_ascii(
    mailer: SmtpMailer, mailbox: MailboxProcess
) -> None:
    sender = "support@bücher.example"
    written = replace(mail(message_id("order-1", sender)), sender=sender_named("Bücher", sender))
    assert (await mailer.send(written)).message_id == "<order-1@xn--bcher-kva.example>"
    [brief] = mailbox.messages(to=TO)
    headers = dict(mailbox.read(brief["id"])["headers"])
    assert headers["From"] == "Bücher <support@xn--bcher-kva.example>"
    assert headers["Message-ID"] == "<order-1@xn--bcher-kva.example>"


async def test_a_deferred_mail_may_be_tried_again(mailer: SmtpMailer, mailbox: MailboxProcess) -> None:
    mailbox.fail("refuse_451")
    with pytest.raises(MailUnreachable) as fault:
        await mailer.send(mail())
    assert fault.value.code == 451
    assert not fault.value.permanent
    await mailer.send(mail())
    assert [each["copies"] for each in mailbox.messages()] == [1]


async def test_a_refused_mail_is_refused_for_good(mailer: SmtpMailer, mailbox: MailboxProcess) -> None:
    mailbox.fail("refuse_554")
    with pytest.raises(MailRefused) as fault:
        await mailer.send(mail())
    assert fault.value.code == 554
    assert fault.value.permanent
    assert mailbox.messages() == []


@pytest.mark.parametrize("kind", ["drop_after_data", "stall"])
async def test_a_lost_answer_is_neither_yes_nor_no(mailbox: MailboxProcess, kind: str) -> None:
    mailer = SmtpMailer(SmtpServer(HOST, mailbox.smtp_port, timeout=0.5))
    mailbox.fail(kind)
    with pytest.raises(MailUnacknowledged):
        await mailer.send(mail())
    await mailer.send(mail())
    assert [each["copies"] for each in mailbox.messages()] == [2, 2]


async def test_no_server_is_unreachable() -> None:
    with pytest.raises(MailUnreachable):
        await SmtpMailer(SmtpServer(HOST, free_port(), timeout=1)).send(mail())


@pytest.mark.parametrize(
    "spoiled",
    [
        mail(subject="Prêt\r\nBcc: all@example.com"),
        mail(to="claire@example.com\nBcc: all@example.com"),
        mail(message_id="<1@jalon>\r\n\r\nbody"),
        mail(to="élise@example.com\x00"),
    ],
)
async def test_a_header_never_breaks_out_of_its_line(
    mailer: SmtpMailer, mailbox: MailboxProcess, spoiled: OutgoingMail
) -> None:
    with pytest.raises(MailRefused):
        await mailer.send(spoiled)
    assert mailbox.messages() == []


async def test_an_error_never_names_the_recipient(mailer: SmtpMailer, mailbox: MailboxProcess) -> None:
    mailbox.fail("refuse_554")
    with pytest.raises(MailRefused) as fault:
        await mailer.send(mail())
    assert TO not in str(fault.value)
    assert fault.value.__cause__ is None


async def test_many_at_once_arrive_once_each(mailer: SmtpMailer, mailbox: MailboxProcess) -> None:
    await asyncio.gather(*(mailer.send(mail(f"<{number}@jalon>")) for number in range(60)))
    arrived = mailbox.messages()
    assert len(arrived) == 60
    assert {each["copies"] for each in arrived} == {1}


def test_every_mailer_is_registered_by_name() -> None:
    assert isinstance(MAILERS["smtp"](SmtpServer(HOST, 25)), SmtpMailer)


def test_the_same_mail_is_the_same_bytes() -> None:
    assert encode(mail()) == encode(mail())
