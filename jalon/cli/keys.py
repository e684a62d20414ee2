"""`jalon keys`: who may call the API, in which role and for which stores."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from jalon.cli.connection import LOCAL_FOLDER, DataOption, Refused
from jalon.cli.transaction import on_database
from jalon.persistence.operations import keys

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="API keys: issue, list, revoke. Each belongs to a named person or system.",
)

KEY_LENGTH = 30
"""The length of a key's id, which `jalon keys revoke` needs whole."""
WIDE = 1_000


@app.command()
def issue(
    person: Annotated[str, typer.Option(help="The person or system the key belongs to.")],
    role: Annotated[str, typer.Option(help=", ".join(keys.ROLES))],
    store: Annotated[
        list[str] | None, typer.Option(help="A store it is good for; again for more. All if none.")
    ] = None,
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """Make a key and show its token, this once."""
    stores = tuple(store) if store else (keys.EVERY_STORE,)
    try:
        typer.echo(on_database(data, lambda tx: keys.issue(tx, person=person, role=role, stores=stores)))
    except (keys.UnknownRole, keys.NoPerson) as error:
        raise typer.BadParameter(str(error)) from None


@app.command("list")
def list_keys(data: DataOption = LOCAL_FOLDER) -> None:
    """Every key ever issued; tokens are not kept."""
    whole = Column("id", no_wrap=True, min_width=KEY_LENGTH)
    table = Table(whole, "person", "role", "stores", "issued", "revoked", box=None, header_style="dim")
    for key in on_database(data, keys.list_keys):
        revoked = "" if key.revoked_at is None else f"{key.revoked_at:%Y-%m-%d %H:%M}"
        table.add_row(
            key.id, key.person, key.role, ", ".join(key.stores), f"{key.created_at:%Y-%m-%d %H:%M}", revoked
        )
    # A pipe has no width: whoever reads it wants one line a key.
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="key_…, as `jalon keys list` shows it.")],
    data: DataOption = LOCAL_FOLDER,
) -> None:
    """End a key for good."""
    if not on_database(data, lambda tx: keys.revoke(tx, key)):
        raise Refused(f"there is no key {key} to revoke, or it was revoked before")
    typer.echo(f"{key} is revoked")
