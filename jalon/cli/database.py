"""`jalon db`: the schema of a database, what support searches, and a database filled to measure how its reads grow."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from jalon.cli.connection import LOCAL_FOLDER, DataOption, JsonOption, Refused
from jalon.cli.grouping import group
from jalon.cli.searched import rebuild_search
from jalon.cli.terminal import print_json, print_out
from jalon.cli.transaction import DRIVER, application_url, database_faults
from jalon.local.folder import MachineFolder
from jalon.persistence import migrate
from jalon.persistence.revision import newest
from jalon.persistence.sessions import Sessions
from jalon.rehearsal.fill.asking import LIMIT_MS
from jalon.rehearsal.fill.book import STORES_AT_MOST
from jalon.rehearsal.fill.filling import PARTIES, fill
from jalon.rehearsal.fill.measuring import Figure, Size, measure, size_of

app = group("The schema of a database; what support searches; a database filled to measure its reads.")
app.command("rebuild-search")(rebuild_search)

OWNER = "JALON_DATABASE_OWNER_URL"


@app.command()
def upgrade() -> None:
    """Bring the schema up to this release, as its owner (JALON_DATABASE_OWNER_URL)."""
    url = os.environ.get(OWNER)
    if url is None:
        raise Refused(f"{OWNER} is missing; `jalon up` upgrades the local database by itself")
    with database_faults():
        migrate.upgrade(url.replace("postgresql://", DRIVER, 1))
    typer.echo(f"the database is at revision {newest()}")


@app.command("fill")
def fill_database(
    orders: Annotated[
        int, typer.Option("--orders", metavar="NUMBER", min=1, max=10_000_000, help="How many orders.")
    ] = 100_000,
    stores: Annotated[
        int,
        typer.Option(
            "--stores", metavar="NUMBER", min=1, max=STORES_AT_MOST, help="How many stores share them."
        ),
    ] = 200,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Write made-up orders with all that belongs to them into an empty database, by COPY.

    It takes the database of JALON_DATABASE_OWNER_URL, else that of the machine in --data. The stores are filled-001 and so on, which no
    store file has: a running machine leaves them alone.
    """
    url = os.environ.get(OWNER) or MachineFolder(data).owner_url
    if url is None:
        raise Refused(f"no machine was started in {data}: name a database in {OWNER}, or run `jalon up`")
    plain = url.replace("+psycopg", "", 1)
    with database_faults(), Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(f"{orders:,} orders in {stores} stores", total=orders)
        asyncio.run(fill(plain, orders, stores, lambda done: progress.update(bar, completed=done)))
    typer.echo(
        f"{orders:,} orders in {stores} stores; `jalon db measure` says how long each read takes on them"
    )


@app.command("measure")
def measure_reads(
    stores: Annotated[
        list[int] | None,
        typer.Option(
            "--stores", metavar="NUMBER", min=1, max=STORES_AT_MOST, help="Stores in scope; again for more."
        ),
    ] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="NUMBER", min=2, help="How often each read is repeated.")
    ] = 30,
    as_json: JsonOption = False,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Time each read that could grow, on a database that `jalon db fill` filled. Ends with 1 where a median is over its limit."""
    with database_faults():
        size, figures = asyncio.run(_measured(application_url(data), stores, repeats, quiet=as_json))
    if as_json:
        found = {"ok": all(each.ok for each in figures), **asdict(size), "limit_ms": LIMIT_MS}
        print_json(found | {"reads": [asdict(each) | {"ok": each.ok} for each in figures]})
    else:
        _show(size, figures)
    if not all(each.ok for each in figures):
        raise typer.Exit(1)


async def _measured(
    url: str, stores: Sequence[int] | None, repeats: int, *, quiet: bool
) -> tuple[Size, list[Figure]]:
    sessions = Sessions.connect(url, pool_size=1)
    console = Console(stderr=True, quiet=quiet or not sys.stderr.isatty())
    try:
        size = await size_of(sessions)
        if size.orders == 0:
            raise Refused("this database was not filled: run `jalon db fill` first")
        with console.status("") as status:
            found = await measure(
                sessions, PARTIES, stores or sorted({1, size.stores}), repeats, status.update
            )
    finally:
        await sessions.close()
    return size, found


def _show(size: Size, figures: Sequence[Figure]) -> None:
    by_read: dict[str, list[Figure]] = {}
    for each in figures:
        by_read.setdefault(each.read, []).append(each)
    table = Table(box=None, header_style="dim")
    table.add_column("median · p95 ms")
    for each in next(iter(by_read.values())):
        table.add_column(f"{each.stores} store{'s' * (each.stores > 1)}", justify="right")
    for read, found in by_read.items():
        table.add_row(read, *map(_cell, found))
    slow = [each for each in figures if not each.ok]
    print_out(
        f"{size.orders:,} orders, {size.entities:,} entities in {size.stores} stores",
        table,
        f"{len(slow)} of {len(figures)} over their limit at the median, {LIMIT_MS:g} ms for most",
    )


def _cell(figure: Figure) -> str:
    shown = f"{figure.median_ms:,.1f} · {figure.p95_ms:,.1f}"
    return shown if figure.ok else f"[red]{shown}[/red]"
