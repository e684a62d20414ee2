"""The commands of `jalon` and their groups: one style of help for all of them, and their completion."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

PROGRAM = "jalon"
COMPLETE = "_JALON_COMPLETE"
"""The variable by which a shell asks for completions."""
WIDEST_HELP = 110


def _summary(text: str | None) -> str:
    """The first paragraph of a help text, whole: `--help` of a group wraps it and cuts nothing."""
    return " ".join((text or "").split("\n\n")[0].split())


class Command(TyperCommand):
    """A command whose usage names arguments as its help does."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 (the signature is click's)
        """The line of the command in its group's help."""
        return _summary(self.help)


class Group(TyperGroup):
    """Commands under one word."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 (the signature is click's)
        """The line of the group in the program's help."""
        return _summary(self.help)


class Listed(Group):
    """Commands under one word which, said alone, lists what they are about."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts `list` before the options where no command is named."""
        named = args and not (args[0].startswith("-") and args[0] != "--help")
        return super().parse_args(ctx, args if named or ctx.resilient_parsing else ["list", *args])


class Commands(typer.Typer):
    """An application of the command line; each of its commands is a `Command`."""

    def command(self, name: str | None = None, *, cls: Any = None, **given: Any) -> Callable[..., Any]:
        """Registers the function as a command."""
        return super().command(name, cls=cls or Command, **given)


def group(summary: str, cls: type[TyperGroup] = Group) -> Commands:
    """A group of commands."""
    return Commands(
        cls=cls,
        help=summary,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"max_content_width": WIDEST_HELP},
    )


def single(command: Callable[..., Any]) -> Commands:
    """A command that is its own application."""
    app = Commands(
        add_completion=False, rich_markup_mode=None, context_settings={"max_content_width": WIDEST_HELP}
    )
    app.command()(command)
    return app


def prepare_completion() -> None:
    """Registers the shells where one of them asks for completions."""
    if COMPLETE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]  # noqa: PLC0415 (only a shell needs it)

        completion_init()
