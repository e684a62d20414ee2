"""`jalon`: the commands of SURFACE, each in its own file under `commands/`."""

from __future__ import annotations

import sys

import typer

from commands import database, orders, stores
from commands.connection import Refused
from commands.doctor import doctor
from commands.up import up
from local.keeper import ProgramFailed
from local.postgres import PostgresUnavailable
from local.record import FolderInUse
from local.temporal import TemporalUnavailable
from policy.faults import StoreFileFaults
from settings import SettingsInvalid

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Jalon takes an order for professional software from cart to auto-renewal.",
)
app.command()(up)
app.add_typer(stores.app, name="stores")
app.add_typer(orders.app, name="orders")
app.add_typer(database.app, name="db")
app.command()(doctor)

EXPECTED = (
    FolderInUse,
    PostgresUnavailable,
    ProgramFailed,
    Refused,
    SettingsInvalid,
    StoreFileFaults,
    TemporalUnavailable,
)


def main() -> None:
    """Run the command line; what a person can put right ends with its sentence and 1, no traceback."""
    try:
        app()
    except EXPECTED as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
