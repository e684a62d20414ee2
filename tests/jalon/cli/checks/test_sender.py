"""The sender's records: found, missing, weak, not asked, or not known because the DNS is away. A real DNS server answers here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from jalon.cli.checks import sender
from jalon.cli.checks.sender import is_local, of_the_senders

GOOD = "v=spf1 include:_spf.provider.com -all"
POLICY = "v=DMARC1; p=reject; rua=mailto:d@good.fr"
ZONE: Mapping[tuple[str, str], Sequence[str]] = {
    ("good.fr.", "MX"): ["10 mx1.good.fr.", "20 mx2.good.fr."],
    ("good.fr.", "TXT"): ['"other=1"', f'"{GOOD[:20]}" "{GOOD[20:]}"'],
    ("_dmarc.good.fr.", "TXT"): [f'"{POLICY}"'],
    ("orders.good.fr.", "MX"): ["10 mx1.good.fr."],
    ("orders.good.fr.", "TXT"): ['"v=spf1 +all"'],
    ("twice.fr.", "MX"): ["0 ."],
    ("twice.fr.", "TXT"): ['"v=spf1 -all"', '"v=spf1 a -all"'],
}


@pytest.fixture
def server() -> Iterator[int]:
    """A DNS server of ZONE; a name that is not in it does not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                wire, asker = listening.recvfrom(4096)
                if not wire:
                    return
                query = dns.message.from_wire(wire)
                answer, question = dns.message.make_response(query), query.question[0]
                name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
                if found := ZONE.get((name, kind)):
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
                elif not any(known == name for known, _ in ZONE):
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                listening.sendto(answer.to_wire(), asker)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", ("127.0.0.1", port))
        thread.join()


@pytest.fixture
def told(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the doctor ask this server."""
    asking(server, monkeypatch)


def asking(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolver() -> dns.resolver.Resolver:
        made = dns.resolver.Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], port
        return made

    monkeypatch.setattr(sender, "Resolver", resolver)


def found(*addresses: str) -> list[tuple[str, bool]]:
    return [(each.fact, each.ok) for each in of_the_senders(addresses)]


@pytest.mark.usefixtures("told")
def test_what_a_domain_has_is_said() -> None:
    assert found("orders@good.fr", "help@GOOD.fr") == [
        ("MX mx1.good.fr, mx2.good.fr", True),
        (f"SPF {GOOD}", True),
        (f"DMARC {POLICY}", True),
    ]


@pytest.mark.usefixtures("told")
def test_what_is_weak_or_missing_is_said_with_what_to_add() -> None:
    assert found("a@orders.good.fr") == [
        ("MX mx1.good.fr", True),
        ("SPF lets everybody send: v=spf1 +all", False),
        (f"DMARC {POLICY}", True),
    ]
    assert found("a@twice.fr") == [
        ("MX missing: the domain takes no e-mail", False),
        ("SPF stands 2 times, so none counts", False),
        ("DMARC missing", False),
    ]
    ways_out = [each.way_out for each in of_the_senders(["a@nowhere.fr"])]
    assert all(ways_out)
    assert '"v=spf1 include:… -all" to nowhere.fr' in str(ways_out[1])
    assert "to _dmarc.nowhere.fr" in str(ways_out[2])


def test_a_dns_that_is_away_is_neither_good_nor_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        monkeypatch.setattr(sender, "LIFETIME", 0.3)
        asking(silent.getsockname()[1], monkeypatch)
        facts = found("a@good.fr")
    assert [fact.partition(":")[0] for fact, _ in facts] == [
        "MX not known",
        "SPF not known",
        "DMARC not known",
    ]
    assert not any(ok for _, ok in facts)


@pytest.mark.parametrize(
    "domain", ["localhost", "shop.test", "mail.example.com", "example.org", "a.b.internal"]
)
def test_a_domain_that_no_dns_serves_is_not_asked(domain: str) -> None:
    assert is_local(domain)
    assert found(f"a@{domain}") == [("not asked: the DNS knows no such domain", True)]


def test_a_real_domain_is_asked() -> None:
    assert not is_local("testing.fr")
    assert not is_local("notexample.com")
