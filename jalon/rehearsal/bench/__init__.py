"""`jalon bench`: orders a second from cart to active, compared with the same steps in an ordinary Temporal application."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Measures and prints. The exit code is 0 when both ways left the same rows, mails and charges.

    With `search` first it measures support's search instead.
    """
    if argv[:1] == ["search"]:
        from jalon.rehearsal.bench.searches.command import run as search  # noqa: PLC0415 — as below

        return search(argv[1:])
    from jalon.rehearsal.bench.command import run  # noqa: PLC0415 — the command line lists this program without loading it

    return run(argv)
