"""`jalon stores`: check store files before they are served, and list those of a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from jalon.cli.connection import JsonOption
from jalon.cli.grouping import group
from jalon.cli.terminal import Listing, print_json, print_listing
from jalon.integrations.payments.registry import PROVIDERS
from jalon.policy.authoring.command import check_file
from jalon.policy.authoring.loader import load_stores
from jalon.settings import PROVIDERS_VARIABLE, SettingsInvalid, parse_providers

app = group("Check store files, list the stores of a folder.")


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="The store files.", exists=True, dir_okay=False)
    ],
) -> None:
    """Validate store files; every fault is named by line and key."""
    if sum(check_file(file, _provider_names()) for file in files):
        raise typer.Exit(1)
    typer.echo(
        "An edit takes effect when api, worker and relay are started again. Orders that were placed keep their terms."
    )


@app.command("list")
def list_stores(
    folder: Annotated[
        Path,
        typer.Argument(metavar="[FOLDER]", help="The folder of store files.", exists=True, file_okay=False),
    ] = Path("stores"),
    as_json: JsonOption = False,
) -> None:
    """The stores a folder holds."""
    found = [
        {
            "store": policy.store.id,
            "name": policy.store.name,
            "clock": policy.store.clock,
            "zone": str(policy.store.zone),
            "products": len(policy.products),
        }
        for policy in load_stores(folder, _provider_names()).values()
    ]
    if as_json:
        print_json({"data": found})
        return
    columns = ("store", "name", "clock", "zone", "products")
    rows = [[str(each[name]) for name in columns] for each in found]
    listing = Listing(columns=columns, rows=rows, keep=4, right=frozenset({"products"}))
    print_listing(listing, f"{folder} holds no store file")


def _provider_names() -> set[str]:
    """The registered kinds, and the names that this environment opens. Raises SettingsInvalid."""
    opened = os.environ.get(PROVIDERS_VARIABLE)
    try:
        return {*PROVIDERS, *(parse_providers(opened) if opened else ())}
    except ValueError as fault:
        raise SettingsInvalid((f"{PROVIDERS_VARIABLE} {fault}",)) from None
