"""`jalon sim`: whole lifecycles on the product's own workflows, in virtual time, with every kind of trouble, from one seed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

HASH_SEED = "0"


def main(argv: Sequence[str]) -> int:
    """Runs the lives and prints the findings. Returns 0 when there was none and every interesting state was reached."""
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        # The order of sets of texts depends on this. Only where it is fixed does a seed give one trace.
        os.execve(  # noqa: S606 (this very program, by this very interpreter)
            sys.executable,
            [sys.executable, "-m", "jalon.rehearsal.sim", *argv],
            os.environ | {"PYTHONHASHSEED": HASH_SEED},
        )
    from jalon.rehearsal.sim.command import run  # noqa: PLC0415 (the command line lists this program without loading it)

    return run(argv)
