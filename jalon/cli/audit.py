"""`jalon audit`: whether what people and deadlines did is still as it was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jalon.cli.connection import LOCAL_FOLDER, DataOption
from jalon.cli.transaction import on_database
from jalon.persistence.operations import audits
from jalon.policy.authoring.loader import load_stores

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="The audit: who did what, and which deadlines took effect.",
)


@app.callback()
def _group() -> None:
    """Keeps `verify` a command of its own: a group of one command would be that command."""


@app.command()
def verify(
    stores: Annotated[
        Path,
        typer.Option(help="The folder of store files whose audit is verified.", envvar="JALON_STORES_DIR"),
    ] = Path("stores"),
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Recompute the chain of every entity and person. Exit code 1 where an entry was changed or is missing."""
    named = tuple(load_stores(stores))
    found = on_database(data, audits.verify, named)
    typer.echo(f"{found.entries} entries in {found.chains} chains of {len(named)} stores")
    for each in found.broken:
        fault = "an entry before it is missing or was changed" if each.misplaced else "was changed"
        typer.echo(
            f"  {each.store} {each.entity} entry {each.id} ({each.action}, {each.at.isoformat()}): {fault}"
        )
    if found.broken:
        raise typer.Exit(1)
    typer.echo("every entry is as it was recorded")
