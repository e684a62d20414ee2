"""`jalon sim`: whole lifecycles on the product's own workflows, in virtual time, with everything that can go wrong, from one seed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

HASH_SEED = "0"


def main(argv: Sequence[str]) -> int:
    """Lives the lives and prints what was found; 0 when nothing was and every interesting state was met."""
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        # Sets of texts are walked in an order that hangs on this: a seed gives one trace only where it is fixed.
        os.execve(  # noqa: S606 (this very program, by this very interpreter)
            sys.executable,
            [sys.executable, "-m", "jalon.rehearsal.sim", *argv],
            os.environ | {"PYTHONHASHSEED": HASH_SEED},
        )
    from jalon.rehearsal.sim.command import run  # noqa: PLC0415 (the command line lists this program without loading it)

    return run(argv)
