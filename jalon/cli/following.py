"""Stays with a repair until it ended, and shows on the standard error what heals meanwhile."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from jalon.client import repairs
from jalon.pole import words

if TYPE_CHECKING:
    from jalon.client.sync import Client

OVER = frozenset({"done", "aborted", "stopped"})
"""The states in which a repair does nothing more by itself."""
LOOK_AGAIN_SECONDS = 1.0
UNREACHABLE_SECONDS = 60.0
INTERRUPTED = 130


def ends_well(repair: Mapping[str, Any]) -> bool:
    """Whether the repair ended and everything healed."""
    counts = repair["counts"]
    return bool(repair["state"] == "done" and counts["healed"] == counts["total"])


def follow(client: Client, repair: repairs.Repair) -> repairs.Repair:
    """The repair once it ended, or stopped by itself. Ctrl-C leaves it running. Raises NotAnswered where the API stays away."""
    console = Console(stderr=True, highlight=False)
    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} of {task.total:.0f}"),
            console=console,
            disable=not sys.stderr.isatty(),
        ) as progress:
            task = progress.add_task("", total=repair["counts"]["total"])
            told = ""
            while True:
                line = _line(repair)
                settled = repair["counts"]["total"] - repair["counts"]["pending"]
                progress.update(task, description=line, completed=settled)
                if progress.disable and line != told:
                    console.print(line, soft_wrap=True)
                told = line
                if _is_over(repair):
                    return repair
                time.sleep(LOOK_AGAIN_SECONDS)
                repair = _read(client, repair["id"])
    except KeyboardInterrupt:
        typer.echo(f"it goes on without you: jalon repairs status {repair['id']} --wait", err=True)
        raise typer.Exit(INTERRUPTED) from None


def _is_over(repair: Mapping[str, Any]) -> bool:
    """Whether it ended; what was sent before it was stopped or aborted is settled as well."""
    sent_settled = repair["state"] != "done" or repair["counts"]["pending"] == 0
    return repair["state"] in OVER and sent_settled


def _read(client: Client, repair: str) -> repairs.Repair:
    from jalon.client.errors import NotAnswered  # noqa: PLC0415 (loaded with the client)

    give_up_at = time.monotonic() + UNREACHABLE_SECONDS
    while True:
        try:
            return client.send(repairs.read(repair))
        except NotAnswered:
            if time.monotonic() > give_up_at:
                raise


def _line(repair: Mapping[str, Any]) -> str:
    counts = repair["counts"]
    outcomes = ("healed", "parked_again", "parked_other", "refused")
    return f"{words(repair['state'])}: " + ", ".join(f"{counts[each]} {words(each)}" for each in outcomes)
