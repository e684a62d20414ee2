"""`jalon`: the subcommands, each in its own file under `jalon/cli/`."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from jalon.cli import database, keys, orders, stores
from jalon.cli.connection import Refused, shown
from jalon.cli.doctor import doctor
from jalon.cli.up import up
from jalon.client.errors import ApiError, NotAnswered
from jalon.local.postgres import PostgresUnavailable
from jalon.local.process_registry import FolderInUse
from jalon.local.supervisor import ProgramFailed
from jalon.local.temporal import TemporalUnavailable
from jalon.persistence.migrate import RevisionUnknown, TablesInUse
from jalon.policy.authoring.faults import StoreFileFaults
from jalon.settings import SettingsInvalid

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Jalon takes an order for professional software from cart to auto-renewal.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"jalon {version('jalon')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take what stands before the command."""


app.command()(up)
app.add_typer(stores.app, name="stores")
app.add_typer(orders.app, name="orders")
app.add_typer(keys.app, name="keys")
app.add_typer(database.app, name="db")
app.command()(doctor)

# These programs parse their own options, and `--help` lists those that are installed.
PROGRAMS = {
    "demo": (
        "jalon.rehearsal.demo",
        "One order in each store, from cart to its second renewal, through HTTP alone.",
    ),
    "bench": ("jalon.rehearsal.bench", "Orders a second, beside the same steps written the plain way."),
    "faults": ("jalon.rehearsal.faults", "kill -9 of each process under load, and what the orders came to."),
    "sim": ("jalon.rehearsal.sim", "Whole lifecycles on the real workflows, in virtual time, from one seed."),
}


def _hand_over(name: str, module: str, summary: str) -> None:
    @app.command(
        name,
        help=summary,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def program(context: typer.Context) -> None:
        sys.exit(importlib.import_module(module).main(context.args))


for _name, (_module, _summary) in PROGRAMS.items():
    if importlib.util.find_spec(_module) is not None:
        _hand_over(_name, _module, _summary)

EXPECTED = (
    FolderInUse,
    NotAnswered,
    PostgresUnavailable,
    ProgramFailed,
    Refused,
    RevisionUnknown,
    SettingsInvalid,
    StoreFileFaults,
    TablesInUse,
    TemporalUnavailable,
)


def main() -> None:
    """Runs the command line. A fault that a person can repair ends it with a sentence and exit code 1, without a traceback."""
    try:
        app()
    except ApiError as error:
        print(shown(error), file=sys.stderr)
        sys.exit(1)
    except EXPECTED as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
