"""The options of a program that `jalon` hands over to; its help and its refusals read like those of every other command."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from textwrap import wrap
from typing import NoReturn

WRONG_OPTION = 2
NARROWEST, WIDEST = 50, 110


class Program(argparse.ArgumentParser):
    """The options of `jalon NAME`."""

    def __init__(self, name: str, summary: str, epilog: str = "") -> None:
        super().__init__(prog=f"jalon {name}", description=summary, epilog=epilog, add_help=False)
        self.add_argument("--help", action="help", help="Show this message and exit.")

    def format_help(self) -> str:
        """The help, as wide as the terminal."""
        width = min(max(shutil.get_terminal_size().columns - 2, NARROWEST), WIDEST)
        own = [each for each in self._actions if each.dest != "help"]
        options = [(_named(each), each.help or "") for each in (*own, *self._actions) if each.option_strings]
        options = list(dict.fromkeys(options))
        room = max(len(name) for name, _ in options) + 4
        lines = [f"Usage: {self.prog} [OPTIONS]", ""]
        lines += wrap(self.description or "", width, initial_indent="  ", subsequent_indent="  ")
        lines += ["", "Options:"]
        for name, text in options:
            lines += wrap(
                text, width, initial_indent=f"  {name}".ljust(room), subsequent_indent=" " * room
            ) or [f"  {name}"]
        return "\n".join((*lines, *self._end())) + "\n"

    def _end(self) -> Iterator[str]:
        if self.epilog:
            yield ""
            yield from self.epilog.splitlines()

    def error(self, message: str) -> NoReturn:
        """Ends the program for a wrong option."""
        sys.stderr.write(
            f"Usage: {self.prog} [OPTIONS]\nTry '{self.prog} --help' for help.\n\nError: {message}\n"
        )
        sys.exit(WRONG_OPTION)


def _named(action: argparse.Action) -> str:
    takes = action.nargs != 0
    metavar = action.metavar or action.dest.upper()
    return f"{action.option_strings[-1]} {metavar}" if takes else action.option_strings[-1]
