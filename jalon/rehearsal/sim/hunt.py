"""Hunts for one planted fault: lives one life after the other in a process of its own until a rule is broken.

`python -m jalon.rehearsal.sim.hunt FAULT SEED LIVES` prints one JSON object: after how many lives the fault was
found, and by which rule. A life
that breaks a rule without the fault, too, proves nothing: its seed is named among the `alarms`, and the hunt goes on.
With `--sound` nothing is planted: the same lives, with what the fault needs as frequent.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from jalon.rehearsal.sim.planted import PLANTED
from jalon.rehearsal.sim.planting import plant


def main() -> None:
    """Plants the fault before anything of the product is imported, then hunts."""
    asked = _options().parse_args()
    fault = next(each for each in PLANTED if each.name == asked.fault)
    if not asked.sound:
        plant(fault.edits)
    from jalon.rehearsal.sim.life import collect_rarely, live  # noqa: PLC0415 (after the fault is in)

    collect_rarely()
    alarms: list[int] = []
    found: dict[str, Any] = {"name": fault.name, "after": None, "seed": None, "rule": None, "alarms": alarms}
    for seed in range(asked.seed, asked.seed + asked.lives):
        lived = live(seed, harsh=seed % 2 == 0, focus=fault.focus, traced=asked.trace)
        if asked.trace:
            sys.stdout.write("\n".join([*lived.trace, ""]))
        if lived.found and not asked.sound and _breaks_a_rule_without(fault.name, seed):
            alarms.append(seed)
        elif lived.found:
            found |= {"after": seed - asked.seed + 1, "seed": seed, "rule": lived.found[0].rule}
            break
    sys.stdout.write(json.dumps(found) + "\n")


def _breaks_a_rule_without(fault: str, seed: int) -> bool:
    """Whether the life of the seed breaks a rule without a planted fault."""
    asked = [sys.executable, "-m", "jalon.rehearsal.sim.hunt", fault, str(seed), "1", "--sound"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603 (our own module, by our own list)
    return json.loads(done.stdout.splitlines()[-1])["after"] is not None


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jalon.rehearsal.sim.hunt", description=__doc__)
    parser.add_argument("fault")
    parser.add_argument("seed", type=int)
    parser.add_argument("lives", type=int)
    parser.add_argument("--sound", action="store_true", help="plant nothing")
    parser.add_argument("--trace", action="store_true", help="print the trace of each life")
    return parser


if __name__ == "__main__":
    main()
