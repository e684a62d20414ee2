"""What the JALON_ variables of this environment name, and whether it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jalon.cli.checks.computer import attempt
from jalon.cli.checks.database import of_the_database
from jalon.cli.checks.finding import Finding
from jalon.cli.checks.mail import RENEWED_BEFORE_DAYS, of_a_site, of_the_mail_server

if TYPE_CHECKING:
    from jalon.bootstrap import Installation
    from jalon.settings import Settings

LIST_AT_MOST_DAYS = 7
"""The days after which a list of denied parties is old: authorities change theirs every few days."""

Look = Callable[[], Sequence[Finding]]


def of_the_settings() -> Iterator[Look]:
    """The looks at what the settings name; none where no variable names a database, a mail server or a Temporal."""
    if "JALON_DATABASE_URL" in os.environ:
        url = os.environ["JALON_DATABASE_URL"]
        yield lambda: list(of_the_database(url, "start the database, or mend JALON_DATABASE_URL"))
        yield _of_the_installation
    if "JALON_SMTP_HOST" in os.environ:
        yield lambda: list(
            of_the_mail_server(
                os.environ["JALON_SMTP_HOST"],
                os.environ.get("JALON_SMTP_PORT", "25"),
                os.environ.get("JALON_SMTP_TLS", "starttls"),
                "start the mail server, or mend JALON_SMTP_HOST, JALON_SMTP_PORT and JALON_SMTP_TLS",
            )
        )
    if "JALON_TEMPORAL_ADDRESS" in os.environ:
        yield _of_temporal
    if "JALON_PUBLIC_URL" in os.environ:
        yield lambda: list(of_a_site(os.environ["JALON_PUBLIC_URL"]))


def _of_temporal() -> list[Finding]:
    from jalon.cli.checks.engine import of_temporal  # noqa: PLC0415 (the engine's client is slow to load)
    from jalon.integrations.temporal.client import TemporalServer  # noqa: PLC0415

    given = os.environ
    ca, certificate, key = (
        Path(given[name]) if name in given else None
        for name in ("JALON_TEMPORAL_TLS_CA", "JALON_TEMPORAL_TLS_CERT", "JALON_TEMPORAL_TLS_KEY")
    )
    server = TemporalServer(
        given["JALON_TEMPORAL_ADDRESS"],
        given.get("JALON_TEMPORAL_NAMESPACE", "default"),
        tls=given.get("JALON_TEMPORAL_TLS", "false").lower() in ("1", "true", "yes", "on"),
        tls_ca=ca,
        tls_cert=certificate,
        tls_key=key,
        api_key=given.get("JALON_TEMPORAL_API_KEY"),
    )
    queue = given.get("JALON_TASK_QUEUE", "jalon")
    found = of_temporal(server, queue, "or mend JALON_TEMPORAL_ADDRESS and what belongs to it")
    return found if certificate is None else [*found, _of_a_file(certificate)]


def _of_a_file(path: Path) -> Finding:
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    try:
        ends = load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as fault:
        return Finding("certificate", f"{path} cannot be read: {type(fault).__name__}", "name a PEM file")
    days = (ends - datetime.now(UTC)).days
    late = days < RENEWED_BEFORE_DAYS
    return Finding(
        "certificate", f"{path} ends {ends:%Y-%m-%d}, in {days} days", "renew it" if late else None
    )


def _of_the_installation() -> list[Finding]:
    """Settings, keys, screening list and senders. What is missing or wrong is named by variable, or by line and key of a store file."""
    from jalon.bootstrap import Installation  # noqa: PLC0415 (it loads every part of Jalon)

    read: list[Installation] = []

    def complete() -> str:
        read.append(Installation.read())
        return f"complete; stores {', '.join(read[0].policies)} through {', '.join(read[0].providers)}"

    way_out = "mend what is named; docs/operations.md lists every variable"
    found = [attempt("settings", complete, way_out)]
    for installation in read:
        found += [
            _keys(installation.settings),
            _screening(installation),
            *_zones(installation),
            *_senders(installation),
        ]
    return found


def _keys(settings: Settings) -> Finding:
    rings = {"codec": settings.codec_keys, "links": settings.link_keys, "people": settings.person_keys}
    told = (f"{name} {ring.active}, {len(ring.keys)} in all" for name, ring in rings.items())
    return Finding("keys", f"in use: {'; '.join(told)}")


def _screening(installation: Installation) -> Finding:
    file = installation.settings.screening_list
    live = [policy.id for policy in installation.policies.values() if policy.store.clock == "live"]
    if file is None:
        return Finding(
            "screening list",
            "the sample, which names nobody real",
            f"name a list in JALON_SCREENING_LIST: {', '.join(live)} sells for real" if live else None,
        )
    try:
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError as fault:
        return Finding(
            "screening list",
            f"{file} cannot be read: {fault.strerror}",
            "name a file in JALON_SCREENING_LIST; nobody is cleared without one",
        )
    days = (datetime.now(UTC) - changed).days
    old = "fetch the list again, and see why nobody did" if days > LIST_AT_MOST_DAYS else None
    return Finding("screening list", f"{file} is of {changed:%Y-%m-%d}, {days} days old", old)


def _zones(installation: Installation) -> Iterator[Finding]:
    zones = dict.fromkeys(str(policy.store.zone) for policy in installation.policies.values())
    yield Finding("zones", f"of the stores: {', '.join(zones)}")


def _senders(installation: Installation) -> Iterator[Finding]:
    """The DNS records of those who write to real people."""
    from jalon.cli.checks.sender import of_the_senders  # noqa: PLC0415

    if installation.settings.mailbox_url is not None:
        yield Finding("sender", "not asked: a mailbox of this computer catches every e-mail")
        return
    policies = installation.policies.values()
    live = [policy.store.support_email for policy in policies if policy.store.clock == "live"]
    if not live:
        yield Finding("sender", "not asked: every store is a sandbox")
        return
    own = installation.settings.mail_sender.rpartition("<")[2].rstrip(">").strip()
    yield from of_the_senders([*live, own])
