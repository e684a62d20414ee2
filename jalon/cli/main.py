"""`jalon`: the subcommands, each in its own file under `jalon/cli/`."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from jalon.cli.grouping import PROGRAM, Group, group, prepare_completion
from jalon.domain.explained import Explained


@dataclass(frozen=True, slots=True)
class Place:
    """The module whose `app` implements a command, and the line of the command in `jalon --help`."""

    module: str
    summary: str


COMMANDS: Mapping[str, Place] = MappingProxyType(
    {
        "up": Place("jalon.cli.up", "Run everything on this machine until Ctrl-C."),
        "doctor": Place("jalon.cli.doctor", "Say what is wrong, and what to do."),
        "orders": Place("jalon.cli.orders", "Find an order or subscription, look at it, repair it."),
        "causes": Place("jalon.cli.causes", "What is stuck, by cause: look, note, own, ignore."),
        "repairs": Place("jalon.cli.repairs", "Repair many steps at once: plan, start, watch, report."),
        "stops": Place("jalon.cli.stops", "Stop the charges or the e-mail of a store at once."),
        "stores": Place("jalon.cli.stores", "Check store files, list the stores of a folder."),
        "keys": Place("jalon.cli.keys", "API keys: issue, accept, list, revoke."),
        "mail": Place("jalon.cli.mail", "E-mails: look at each, send a test, read reports."),
        "db": Place("jalon.cli.database", "The schema, what is searched, a filled database."),
        "audit": Place("jalon.cli.audit", "Whether the audit is as it was recorded."),
        "completion": Place("jalon.cli.completion", "Print the completion script of a shell."),
    }
)
"""Each command, in the order of `--help`."""


class Unloaded(TyperCommand):
    """A command whose module is imported when it is called, or completed. Importing all of them takes longer than most commands run."""

    def __init__(self, name: str, place: Place) -> None:
        super().__init__(name, help=place.summary, rich_markup_mode=None)
        self._module = place.module

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 (the signature is click's)
        """The line of the command in `jalon --help`."""
        return self.help or ""

    def load(self) -> Any:
        """The command itself."""
        command = get_command(importlib.import_module(self._module).app)
        command.name = self.name
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself, which click calls from here on."""
        return self.load().make_context(info_name, args, parent, **extra)


class Commands(Group):
    """The commands of `COMMANDS`, and the programs that are installed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands, in the order of `--help`."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name."""
        place = COMMANDS.get(cmd_name)
        return super().get_command(ctx, cmd_name) if place is None else Unloaded(cmd_name, place)


app = group("Jalon takes an order for professional software from cart to auto-renewal.", cls=Commands)


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
    prepare_completion()
    try:
        app(prog_name=PROGRAM)
    except Explained as error:
        print(_told(error), file=sys.stderr)
        sys.exit(1)


def _told(error: Explained) -> str:
    # Loaded already where it was raised; every other run does without HTTP.
    from jalon.client.errors import NotAnswered  # noqa: PLC0415

    away = "\n  `jalon doctor` says what is away" if isinstance(error, NotAnswered) else ""
    return f"{error.text}{away}"


if __name__ == "__main__":
    main()
