"""`jalon completion`: the script by which a shell completes commands and options."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]

from jalon.cli.grouping import COMPLETE, PROGRAM, single


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish"], typer.Argument(metavar="SHELL", help="bash, zsh or fish.")
    ],
) -> None:
    """Print the completion script of a shell.

    \b
    bash: eval "$(jalon completion bash)" in ~/.bashrc
    zsh:  eval "$(jalon completion zsh)" in ~/.zshrc, after compinit
    fish: jalon completion fish > ~/.config/fish/completions/jalon.fish
    """
    typer.echo(get_completion_script(prog_name=PROGRAM, complete_var=COMPLETE, shell=shell))


app = single(completion)
