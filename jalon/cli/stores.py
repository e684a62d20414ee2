"""`jalon stores`: check store files before they are served, and list those of a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jalon.integrations.payments.registry import PROVIDERS
from jalon.policy.authoring.command import check_file
from jalon.policy.authoring.loader import load_stores
from jalon.settings import PROVIDERS_VARIABLE, SettingsInvalid, parse_providers

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Check store files, list the stores of a folder."
)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False)],
) -> None:
    """Validate store files; every fault is named by line and key."""
    if sum(check_file(file, _provider_names()) for file in files):
        raise typer.Exit(1)
    typer.echo(
        "An edit takes effect when api, worker and relay are started again. Orders that were placed keep their terms."
    )


@app.command("list")
def list_stores(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)] = Path("stores"),
) -> None:
    """The stores a folder holds."""
    table = Table("store", "name", "clock", "zone", "products", box=None, header_style="dim")
    for policy in load_stores(folder, _provider_names()).values():
        store = policy.store
        table.add_row(store.id, escape(store.name), store.clock, str(store.zone), str(len(policy.products)))
    Console().print(table)


def _provider_names() -> set[str]:
    """The registered kinds, and the names that this environment opens. Raises SettingsInvalid."""
    opened = os.environ.get(PROVIDERS_VARIABLE)
    try:
        return {*PROVIDERS, *(parse_providers(opened) if opened else ())}
    except ValueError as fault:
        raise SettingsInvalid((f"{PROVIDERS_VARIABLE} {fault}",)) from None
