"""`jalon faults`: kills each process with -9, and makes gateway and mail server fail, in the middle of running orders."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Runs the cases and prints a table. The exit code is 0 when every order ended where it should."""
    from jalon.rehearsal.faults.command import run  # noqa: PLC0415 — the command line lists this program without loading it

    return run(argv)
