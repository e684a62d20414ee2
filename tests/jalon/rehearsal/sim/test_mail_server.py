"""The model of a mail server behaves to its callers as a real one does over SMTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from jalon.integrations.mail.port import Mailer
from jalon.integrations.mail.smtp import SmtpMailer, SmtpServer
from jalon.local.ports import HOST
from jalon.rehearsal.sim.modelled.mail_server import MailServer, Post
from tests.jalon.local.mailbox_process import MailboxProcess
from tests.jalon.rehearsal.sim.mailer_contract import Arrived, MailerContract, Postal

KINDS = {Post.AWAY: "refuse_451", Post.REFUSED: "refuse_554", Post.UNACKNOWLEDGED: "drop_after_data"}


class ModelPost(Postal):
    """The model as a mail server."""

    def __init__(self) -> None:
        self._next = Post.TAKEN
        self._server = MailServer(self._take, _at_once)
        self.mailer: Mailer = self._server

    def strike(self, fate: Post) -> None:
        self._next = fate

    def arrived(self) -> list[Arrived]:
        letters = self._server.letters
        return [Arrived(each.message_id, each.to, each.template, each.at) for each in letters if each.at]

    def _take(self, to: str) -> Post:
        fate, self._next = self._next, Post.TAKEN
        return fate


class SmtpPost(Postal):
    """The mailbox in a process of its own, over SMTP."""

    def __init__(self, mailbox: MailboxProcess) -> None:
        self._mailbox = mailbox
        self.mailer: Mailer = SmtpMailer(SmtpServer(HOST, mailbox.smtp_port, timeout=2))

    def strike(self, fate: Post) -> None:
        self._mailbox.fail(KINDS[fate])

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(each["message_id"], each["to"], each["template"], datetime.fromisoformat(each["sent_at"]))
            for each in self._mailbox.messages()
        ]


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailboxProcess]:
    process = MailboxProcess(tmp_path_factory.mktemp("mailbox") / "mailbox.sqlite").start()
    yield process
    process.stop()


@pytest.fixture(params=["model", "smtp"])
def postal(request: pytest.FixtureRequest) -> Postal:
    if request.param == "model":
        return ModelPost()
    opened: MailboxProcess = request.getfixturevalue("mailbox")
    opened.http.delete("/api/messages")
    opened.http.delete("/_control/faults")
    return SmtpPost(opened)


class TestMailServer(MailerContract):
    pass


async def _at_once(hanging: bool) -> None:
    """Adds no delay."""
