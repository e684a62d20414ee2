"""`jalon doctor`: whether Jalon is well where it runs, and what it lacks where it does not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.text import Text

from jalon.cli import findings, running
from jalon.cli.connection import LOCAL_FOLDER, ApiOption, DataOption, JsonOption, KeyOption
from jalon.cli.findings import Finding
from jalon.cli.grouping import single
from jalon.local.folder import MachineFolder


def doctor(
    api: ApiOption = None,
    key: KeyOption = None,
    data: DataOption = LOCAL_FOLDER,
    as_json: JsonOption = False,
) -> None:
    """Ask a running machine or API for readiness, stuck work, relay, worker, mail and payments; say what a stopped one lacks.

    Ends with 0 only where nothing needs to be done; each other line says what.
    """
    found = list(_findings(MachineFolder(data), api, key))
    sound = all(each.ok for each in found)
    if as_json:
        checks = [{"ok": each.ok} | asdict(each) for each in found]
        typer.echo(json.dumps({"ok": sound, "checks": checks}, ensure_ascii=False, indent=2))
    else:
        _show(found)
    if not sound:
        raise typer.Exit(1)


def _findings(folder: MachineFolder, api: str | None, key: str | None) -> Iterator[Finding]:
    elsewhere = api is not None or "JALON_DATABASE_URL" in os.environ
    if folder.runs:
        yield from running.of_a_running_machine(folder)
        yield from findings.of_this_computer(folder.path)
    elif elsewhere:
        yield from findings.of_this_computer(folder.path)
    else:
        yield from findings.of_a_stopped_machine(folder)
    if api is not None:
        yield from running.of_the_api(api.rstrip("/"), key, f"see whether the API runs at {api}")
    yield from findings.of_the_settings()


def _show(found: Sequence[Finding]) -> None:
    """A line for each check. Lines are not wrapped to the width, so that a path or an id stays whole."""
    console = Console(soft_wrap=True)
    width = max(len(each.subject) for each in found)
    for each in found:
        mark = Text("ok", "green") if each.ok else Text("!!", "red")
        line = Text("  ").join((mark, Text(each.subject.ljust(width)), Text(each.fact)))
        if each.way_out is not None:
            line.append(f" → {each.way_out}", "bold")
        console.print(line, highlight=False)


app = single(doctor)
