"""The mailbox stores what it acknowledges, shows it in a sandbox, and fails on request."""

from __future__ import annotations

import signal
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.jalon.local.mailbox_process import MailboxProcess


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailboxProcess]:
    process = MailboxProcess(tmp_path_factory.mktemp("mailbox") / "folder" / "mailbox.sqlite").start()
    yield process
    process.stop()


@pytest.fixture
def mailbox(process: MailboxProcess) -> MailboxProcess:
    """The mailbox without messages and failures."""
    process.http.delete("/api/messages").raise_for_status()
    process.http.delete("/_control/faults").raise_for_status()
    return process


def letter(
    to: str = "claire@example.com", message_id: str = "<1@jalon>", html: str | None = None
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Jalon <orders@example.com>"
    message["To"] = to
    message["Subject"] = "Votre contrat est prêt"
    message["Message-ID"] = message_id
    message["Date"] = "Wed, 15 Apr 2026 23:59:59 +0200"
    message["X-Jalon-Template"] = "contract_ready"
    message.set_content("Bonjour\nhttps://jalon.example.com/h/contract/abc\n.\nfin")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def send(mailbox: MailboxProcess, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=5) as client:
        client.send_message(message)


def test_starts_within_a_second_and_stops_cleanly(tmp_path: Path) -> None:
    process = MailboxProcess(tmp_path / "mailbox.sqlite")
    began = time.monotonic()
    process.start()
    assert time.monotonic() - began < 3, "usually 0.3 s; the bound leaves room for a busy machine"
    assert process.stop() == 0


def test_shows_every_fact_of_a_message(mailbox: MailboxProcess) -> None:
    send(mailbox, letter(html='<p>Bonjour <a href="https://jalon.example.com/h/x?a=1&amp;b=2">lien</a></p>'))
    [brief] = mailbox.messages()
    assert brief["to"] == "claire@example.com"
    assert brief["subject"] == "Votre contrat est prêt"
    assert brief["message_id"] == "<1@jalon>"
    assert brief["template"] == "contract_ready"
    assert brief["sent_at"] == "2026-04-15T21:59:59+00:00"
    whole = mailbox.read(brief["id"])
    assert whole["text"] == "Bonjour\nhttps://jalon.example.com/h/contract/abc\n.\nfin\n"
    assert "<p>Bonjour" in whole["html"]
    assert whole["links"] == [
        "https://jalon.example.com/h/x?a=1&b=2",
        "https://jalon.example.com/h/contract/abc",
    ]
    assert ["X-Jalon-Template", "contract_ready"] in whole["headers"]


def test_filters_and_walks_by_number(mailbox: MailboxProcess) -> None:
    for number in range(3):
        send(mailbox, letter(to=f"reader{number}@example.com", message_id=f"<{number}@jalon>"))
    assert [each["to"] for each in mailbox.messages(to="Reader1@example.com")] == ["reader1@example.com"]
    assert [each["message_id"] for each in mailbox.messages(message_id="<2@jalon>")] == ["<2@jalon>"]
    assert len(mailbox.messages(subject="CONTRAT")) == 3
    assert mailbox.messages(subject="invoice") == []
    assert mailbox.messages(template="invitation") == []
    first = mailbox.messages(limit=1)[0]
    assert [each["to"] for each in mailbox.messages(after=first["id"])] == [
        "reader1@example.com",
        "reader2@example.com",
    ]
    assert mailbox.http.get("/api/messages", params={"limit": 1}).json()["total"] == 3


def test_the_same_message_id_twice_is_seen_twice(mailbox: MailboxProcess) -> None:
    send(mailbox, letter())
    send(mailbox, letter())
    assert [each["copies"] for each in mailbox.messages()] == [2, 2]
    assert "2 copies" in mailbox.http.get("/").text


def test_what_was_acknowledged_survives_a_kill(mailbox: MailboxProcess) -> None:
    for number in range(5):
        send(mailbox, letter(message_id=f"<{number}@jalon>"))
    mailbox.stop(signal.SIGKILL)
    mailbox.start()
    assert len(mailbox.messages()) == 5


@pytest.mark.parametrize(("kind", "code"), [("refuse_451", 451), ("refuse_554", 554)])
def test_refuses_as_often_as_asked_and_keeps_nothing(mailbox: MailboxProcess, kind: str, code: int) -> None:
    mailbox.fail(kind, count=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(mailbox, letter())
        assert refused.value.smtp_code == code
    send(mailbox, letter())
    assert len(mailbox.messages()) == 1


def test_a_failure_meant_for_one_recipient_spares_the_others(mailbox: MailboxProcess) -> None:
    mailbox.fail("refuse_554", to="claire@example.com")
    send(mailbox, letter(to="theo@example.com"))
    assert mailbox.http.get("/_control/faults").json()["faults"] == [
        {"kind": "refuse_554", "count": 1, "to": "claire@example.com"}
    ]
    with pytest.raises(smtplib.SMTPDataError):
        send(mailbox, letter())


def test_drops_the_connection_after_keeping_the_message(mailbox: MailboxProcess) -> None:
    mailbox.fail("drop_after_data")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox, letter())
    assert len(mailbox.messages()) == 1


@pytest.mark.parametrize(
    "body", [{"kind": "explode"}, {"kind": "stall", "count": 0}, {"kind": "stall", "count": "many"}, []]
)
def test_refuses_a_failure_it_does_not_know(mailbox: MailboxProcess, body: object) -> None:
    assert mailbox.http.post("/_control/faults", json=body).status_code == 400
    assert mailbox.http.get("/_control/faults").json() == {"faults": []}


def test_is_emptied(mailbox: MailboxProcess) -> None:
    send(mailbox, letter())
    assert mailbox.http.delete("/api/messages").json() == {"deleted": 1}
    assert mailbox.messages() == []


def test_the_page_of_a_message_never_runs_it(mailbox: MailboxProcess) -> None:
    hostile = letter(html="<html><head></head><body><script>alert(1)</script></body></html>")
    hostile.replace_header("Subject", "<script>alert(2)</script>")
    send(mailbox, hostile)
    number = mailbox.messages()[0]["id"]
    assert "<script>" not in mailbox.http.get("/").text
    page = mailbox.http.get(f"/messages/{number}").text
    assert "<script>" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    policy = mailbox.http.get(f"/messages/{number}/html").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


def test_an_unknown_number_is_not_found(mailbox: MailboxProcess) -> None:
    assert mailbox.http.get("/api/messages/99").status_code == 404
    assert mailbox.http.get("/messages/99").status_code == 404
    for number in ("x", "9" * 19, "9" * 5_000):
        assert mailbox.http.get(f"/api/messages/{number}").status_code == 404
        assert mailbox.http.get("/api/messages", params={"limit": number}).status_code == 400
