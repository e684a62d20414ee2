"""The sender's records in the DNS: without them mail servers take Jalon's e-mails for forged ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers, Resolver

from jalon.cli.checks.finding import Finding

AT_ONCE = 12
LIFETIME = 3.0
"""The seconds that the DNS gets for one record."""
LOCAL = (
    "localhost",
    "local",
    "internal",
    "test",
    "example",
    "invalid",
    "example.com",
    "example.org",
    "example.net",
)
"""Domains that no DNS serves, or that belong to nobody (RFC 2606, RFC 6761)."""

Ask: TypeAlias = Callable[[str, str], Sequence[str]]
"""The records of a name and type as texts; empty where there are none. Raises DNSException where nobody answers."""


def of_the_senders(addresses: Sequence[str], ask: Ask | None = None) -> list[Finding]:
    """One finding for each record of each domain that the addresses are in."""
    domains = list(dict.fromkeys(address.rpartition("@")[2].lower().rstrip(".") for address in addresses))
    asking = ask or _resolver()
    with ThreadPoolExecutor(AT_ONCE) as together:
        asked = [
            together.submit(_looked, domain, check, asking)
            for domain in domains
            if not is_local(domain)
            for check in (_mx, _spf, _dmarc)
        ]
        found = [each.result() for each in asked]
    return [_not_asked(domain) for domain in domains if is_local(domain)] + found


def is_local(domain: str) -> bool:
    """Whether no public DNS can know the domain."""
    labels = domain.split(".")
    return len(labels) == 1 or labels[-1] in LOCAL or ".".join(labels[-2:]) in LOCAL


def _not_asked(domain: str) -> Finding:
    return Finding(f"sender {domain}", "not asked: the DNS knows no such domain")


def _resolver() -> Ask:
    resolver = Resolver()
    resolver.lifetime, resolver.timeout = LIFETIME, LIFETIME / 2

    def ask(name: str, kind: str) -> Sequence[str]:
        try:
            return [each.to_text() for each in resolver.resolve(name, kind)]
        except (NXDOMAIN, NoAnswer):
            return []

    return ask


def _looked(domain: str, check: Callable[[str, Ask], Finding], ask: Ask) -> Finding:
    try:
        return check(domain, ask)
    except (DNSException, NoNameservers, OSError) as fault:
        kind = check.__name__.strip("_").upper()
        return Finding(
            f"sender {domain}",
            f"{kind} not known: the DNS does not answer ({type(fault).__name__})",
            "see whether this computer resolves names, then ask again",
        )


def _mx(domain: str, ask: Ask) -> Finding:
    subject, found = f"sender {domain}", ask(domain, "MX")
    hosts = [each.split()[-1].rstrip(".") for each in sorted(found, key=_preference)]
    if not any(hosts):
        way_out = "add an MX record, so that answers and returned e-mails arrive"
        return Finding(subject, "MX missing: the domain takes no e-mail", way_out)
    return Finding(subject, f"MX {', '.join(hosts)}")


def _preference(record: str) -> int:
    return int(record.split(maxsplit=1)[0])


def _spf(domain: str, ask: Ask) -> Finding:
    subject = f"sender {domain}"
    found = [text for text in _texts(ask(domain, "TXT")) if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        way_out = f'add the TXT record "v=spf1 include:… -all" to {domain}, naming your mail server'
        return Finding(subject, "SPF missing", way_out)
    if len(found) > 1:
        return Finding(
            subject, f"SPF stands {len(found)} times, so none counts", "keep one TXT record v=spf1"
        )
    if "+all" in found[0].lower().split() or "all" in found[0].lower().split():
        return Finding(subject, f"SPF lets everybody send: {found[0]}", "end it with -all or ~all")
    return Finding(subject, f"SPF {found[0]}")


def _dmarc(domain: str, ask: Ask) -> Finding:
    subject = f"sender {domain}"
    for name in _policies_of(domain):
        found = [text for text in _texts(ask(name, "TXT")) if text.lower().startswith("v=dmarc1")]
        if found:
            return Finding(subject, f"DMARC {found[0]}")
    way_out = f'add the TXT record "v=DMARC1; p=none; rua=mailto:…" to _dmarc.{domain}, and tighten it later'
    return Finding(subject, "DMARC missing", way_out)


def _policies_of(domain: str) -> Iterator[str]:
    """The names that may hold the policy: the domain's, then those above it (RFC 7489)."""
    labels = domain.split(".")
    for first in range(len(labels) - 1):
        yield "_dmarc." + ".".join(labels[first:])


def _texts(records: Sequence[str]) -> Iterator[str]:
    """TXT records as they are meant: long ones come as several quoted parts."""
    for each in records:
        yield "".join(part for number, part in enumerate(each.split('"')) if number % 2) or each
