"""`jalon`: the subcommands, each in its own file under `jalon/cli/`."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from jalon.client.errors import NotAnswered
from jalon.domain.explained import Explained

COMMANDS = {
    "up": "jalon.cli.up",
    "stores": "jalon.cli.stores",
    "orders": "jalon.cli.orders",
    "keys": "jalon.cli.keys",
    "mail": "jalon.cli.mail",
    "db": "jalon.cli.database",
    "audit": "jalon.cli.audit",
    "doctor": "jalon.cli.doctor",
}
"""Each command with the module whose `app` implements it."""


class Commands(TyperGroup):
    """Imports the module of a command when the command is called. Importing all of them takes longer than most commands run."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of `--help`."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        app = importlib.import_module(COMMANDS[cmd_name]).app
        command = get_command(app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Commands,
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


CHECKOUT = Path(__file__).resolve().parents[2]


def _hand_over(name: str, summary: str, program: Callable[[list[str]], int]) -> None:
    @app.command(
        name,
        help=summary,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def handed(context: typer.Context) -> None:
        sys.exit(program(context.args))


def _program(module: str) -> Callable[[list[str]], int]:
    return lambda options: int(importlib.import_module(module).main(options))


def _judge_rules(options: list[str]) -> int:
    """Runs `make rules` as a process of its own, since it belongs to the tests, which no installation holds."""
    judge = [sys.executable, "-m", "tests.rules", *options]
    return subprocess.run(judge, cwd=CHECKOUT, check=False).returncode  # noqa: S603 (our own module)


for _name, (_module, _summary) in PROGRAMS.items():
    if importlib.util.find_spec(_module) is not None:
        _hand_over(_name, _summary, _program(_module))
if (CHECKOUT / "tests" / "rules").is_dir():
    _hand_over(
        "rules", "What each rule says, shifted by one unit: a test of the rule must fail.", _judge_rules
    )


def main() -> None:
    """Runs the command line. A fault that a person can repair ends it with a sentence and exit code 1, without a traceback."""
    try:
        app()
    except NotAnswered as error:
        print(f"{error.text}\n  `jalon doctor` says what is away", file=sys.stderr)
        sys.exit(1)
    except Explained as error:
        print(error.text, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
