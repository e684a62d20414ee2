"""Delivery reports, as mail servers write them (RFC 3464)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.integrations.mail.bounces import Bounce, NoReport, read_bounce

REPORT = """From: MAILER-DAEMON@mx.example.com
To: orders@jalon.example.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Fri, 27 Nov 2026 03:00:00 +0100

Final-Recipient: rfc822; ana@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--B
Content-Type: {returned}

Message-ID: <abc123@fastening.example.com>
Subject: Your contract is ready
To: ana@example.org

--B--
"""


def report(action: str = "failed", status: str = "5.1.1", returned: str = "message/rfc822") -> bytes:
    """A report as Postfix writes it."""
    return REPORT.format(action=action, status=status, returned=returned).replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("failed", "5.1.1"),
        ("Failed", "5.2.2 (mailbox full)"),
        ("failed (given up)", "4.4.1"),
        ("failed", "4.4.7"),
    ],
)
def test_a_failure_for_good_names_the_e_mail_and_the_status(action: str, status: str, returned: str) -> None:
    expected = Bounce("<abc123@fastening.example.com>", status.split(maxsplit=1)[0])
    assert read_bounce(report(action, status, returned)) == expected


def test_a_failure_without_a_status_is_one_too() -> None:
    bare = report().replace(b"Status: 5.1.1\r\n", b"")
    assert read_bounce(bare) == Bounce("<abc123@fastening.example.com>", "5.0.0")


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("", "5.1.1")])
def test_a_delay_or_a_success_is_no_failure(action: str, status: str) -> None:
    assert read_bounce(report(action, status)) is None


@pytest.mark.parametrize(
    "written",
    [
        "<abc123@fastening.example.com> (kept)",
        "\r\n <abc123@fastening.example.com>",
        "(a <abc123@fastening.example.com>",
    ],
)
def test_the_message_id_is_found_beside_what_a_server_adds(written: str) -> None:
    raw = report().replace(b"<abc123@fastening.example.com>", written.encode())
    assert read_bounce(raw) == Bounce("<abc123@fastening.example.com>", "5.1.1")


@given(
    st.sampled_from(["Message-ID", "Action", "Status", "Content-Type"]),
    st.text("<>()@\"';:/= a\u00e9\r\n", max_size=12),
)
def test_no_header_of_a_report_is_too_strange_to_read(header: str, value: str) -> None:
    raw = re.sub(rf"{header}: [^\r]*".encode(), f"{header}: {value}".encode().replace(b"\\", b""), report())
    try:
        found = read_bounce(raw)
    except NoReport:
        return
    assert found is None or found.message_id.startswith("<")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff",
        b"From: ana@example.org\r\n\r\nOut of office",
        report().replace(b"Message-ID", b"X-Other"),
        *(
            report().replace(b"<abc123@fastening.example.com>", spoiled)
            for spoiled in (b"<", b"<(", b"abc123", b"\xff<")
        ),
    ],
)
def test_what_is_no_report_says_what_it_lacks(raw: bytes) -> None:
    with pytest.raises(NoReport, match="it "):
        read_bounce(raw)
