"""`jalon doctor`: checks whether this machine can run Jalon, and prints one line for each fact."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from rich.table import Table

from jalon.bootstrap import Installation
from jalon.cli.connection import LOCAL_FOLDER
from jalon.local.ports import USUAL_PORTS, is_free
from jalon.local.postgres import PostgresUnavailable, binaries
from jalon.local.temporal import TemporalUnavailable, binary, serves
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.settings import SettingsInvalid

GIGABYTE = 1024**3
ROOM_NEEDED = 1 * GIGABYTE
UNSOUND = (
    PostgresUnavailable,
    SettingsInvalid,
    StoreFileFaults,
    TemporalUnavailable,
    psycopg.OperationalError,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; `ok` is False where something must be done first."""

    subject: str
    fact: str
    ok: bool = True


def doctor(
    data: Annotated[Path, typer.Option("--data", help="Folder of the local machine.")] = LOCAL_FOLDER,
) -> None:
    """Check Python, disk, ports, database, Temporal and settings; ends with 1 where one needs a person."""
    table = Table.grid(padding=(0, 2))
    sound = True
    for finding in _findings(data):
        sound = sound and finding.ok
        table.add_row("[green]ok[/green]" if finding.ok else "[red]!![/red]", finding.subject, finding.fact)
    Console().print(table, highlight=False)
    if not sound:
        raise typer.Exit(1)


def _findings(data: Path) -> Iterator[Finding]:
    yield Finding("python", sys.version.split()[0], sys.version_info >= (3, 11))
    yield Finding(
        "versions", ", ".join(f"{name} {version(name)}" for name in ("temporalio", "fastapi", "sqlalchemy"))
    )
    yield _disk(data)
    yield from _ports()
    yield _attempt("database", _database)
    yield _attempt("temporal", _temporal)
    if "JALON_DATABASE_URL" in os.environ:
        yield _attempt("settings", _settings)


def _disk(data: Path) -> Finding:
    there = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    return Finding("disk", f"{free / GIGABYTE:.1f} GB free under {there}", free >= ROOM_NEEDED)


def _ports() -> Iterator[Finding]:
    for name, port in USUAL_PORTS.items():
        yield Finding(
            f"port {port}", f"{name}: " + ("free" if is_free(port) else "taken, another will be used")
        )


def _attempt(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, look())
    except UNSOUND as error:
        return Finding(subject, str(error).strip(), ok=False)


def _database() -> str:
    url = os.environ.get("JALON_DATABASE_URL")
    if url is None:
        return f"embedded, {binaries()}"
    with psycopg.connect(url.replace("+psycopg", ""), connect_timeout=3) as connection:
        return f"PostgreSQL {connection.info.server_version // 10000} answers, as {connection.info.user}"


def _temporal() -> str:
    address = os.environ.get("JALON_TEMPORAL_ADDRESS")
    if address is None:
        return f"embedded, {binary()}"
    if not serves(address, os.environ.get("JALON_TEMPORAL_NAMESPACE", "default")):
        raise TemporalUnavailable(f"{address} does not answer")
    return f"{address} answers"


def _settings() -> str:
    installation = Installation.read()
    return f"complete; stores {', '.join(installation.policies)} through {', '.join(installation.providers)}"


app = typer.Typer(add_completion=False)
app.command()(doctor)
