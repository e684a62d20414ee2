"""Hunts for one planted fault: lives one life after the other in a process of its own until a rule is broken.

`python -m sim.hunt FAULT SEED LIVES` prints one JSON object: after how many lives the fault was found, and by which rule.
"""

from __future__ import annotations

import json
import sys

from sim.planted import PLANTED
from sim.planting import plant


def main() -> None:
    """Plants before anything of the product is imported, then hunts."""
    name, first, lives = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    plant(next(fault for fault in PLANTED if fault.name == name).edits)
    from sim.life import live  # noqa: PLC0415 (after the fault is in)

    found: dict[str, str | int | None] = {"name": name, "after": None, "seed": None, "rule": None}
    for number in range(lives):
        lived = live(first + number, harsh=number % 2 == 1)
        if lived.found:
            found |= {"after": number + 1, "seed": lived.seed, "rule": lived.found[0].rule}
            break
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
