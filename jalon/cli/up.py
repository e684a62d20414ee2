"""`jalon up`: the whole of Jalon on this machine, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jalon.cli.connection import LOCAL_FOLDER
from jalon.cli.grouping import single
from jalon.cli.transaction import database_faults
from jalon.client import operations
from jalon.client.sync import Client
from jalon.local.keyring import write_private
from jalon.local.machine import Machine
from jalon.local.storefolder import live_copies

StoresOption = Annotated[
    Path,
    typer.Option(
        "--stores", metavar="FOLDER", exists=True, file_okay=False, help="Folder of store files to serve."
    ),
]


def up(
    stores: StoresOption = Path("stores"),
    data: Annotated[
        Path, typer.Option("--data", metavar="FOLDER", help="Folder that keeps everything.")
    ] = LOCAL_FOLDER,
    port: Annotated[
        int | None, typer.Option("--port", metavar="NUMBER", help="Port of the API, 8080 unless taken.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Serve the stores on real time, not test clocks.")
    ] = False,
) -> None:
    """Run everything on this machine until Ctrl-C: engines, mailbox, payment sandbox, worker, relay, API."""
    console = Console()
    data.mkdir(parents=True, exist_ok=True)
    served = live_copies(stores, data / "live-stores") if live else stores
    machine = Machine(
        data,
        served,
        ports={} if port is None else {"api": port},
        given={name: value for name, value in os.environ.items() if name.startswith("JALON_")},
        report=lambda line: console.print(f"[dim]·[/dim] {escape(line)}", highlight=False),
    )
    _stop_on_signals(machine, console)
    try:
        with database_faults(), machine:
            write_private(data / "addresses.json", json.dumps(machine.urls))
            _welcome(console, machine)
            threading.Event().wait()
    except KeyboardInterrupt:
        console.print("stopped, nothing is left running", highlight=False)


def _stop_on_signals(machine: Machine, console: Console) -> None:
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            machine.force.set()
            return
        stopping = True
        console.print("stopping; again to force", highlight=False)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _welcome(console: Console, machine: Machine) -> None:
    places = Table.grid(padding=(0, 2))
    for name, url in machine.urls.items():
        places.add_row(name.replace("_", " "), url)
    keys = Table.grid(padding=(0, 2))
    for role, token in machine.keys.items():
        keys.add_row(role, token)
    console.print(places, "", "[bold]keys[/bold]", keys, "", _way_in(machine), "", sep="\n", soft_wrap=True)
    console.print("Ctrl-C stops everything.")


def _way_in(machine: Machine) -> str:
    """How to enter the console: a link, made with the key of the local member of support."""
    with Client(machine.urls["api"], machine.keys["support"]) as client:
        url = client.send(operations.sign_in_link())["url"]
    return f"[bold]console[/bold]  {url}  opens once, as support; another one: jalon keys link --as ops"


app = single(up)
