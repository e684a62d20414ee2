"""Hunts for planted faults: lives one life after the other, in a fork for each hunt, until a rule is broken.

`python -m jalon.rehearsal.sim.hunt FAULTS SEED LIVES` prints one JSON object for each fault: after how many lives it was
found, and by which rule. A life
that breaks a rule without the fault, too, proves nothing: its seed is named among the `alarms`, and the hunt goes on.
With `--sound` nothing is planted: the same lives, with what the fault needs as frequent.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jalon.rehearsal.sim.planted import PLANTED, Planted
from jalon.rehearsal.sim.planting import import_libraries, in_a_fork, plant


@dataclass
class Hunt:
    """A hunt under way, and what it found so far. `left` are the seeds that it has not lived."""

    fault: Planted
    left: range
    after: int | None = None
    seed: int | None = None
    rule: str | None = None
    alarms: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The JSON object of a hunt."""
        found = {"name": self.fault.name, "after": self.after, "seed": self.seed}
        return found | {"rule": self.rule, "alarms": self.alarms}


def main() -> None:
    """Hunts for the faults. This process itself imports nothing of the product."""
    asked = _options().parse_args()
    import_libraries()
    seeds = range(asked.seed, asked.seed + asked.lives)
    hunts = [Hunt(fault, seeds) for fault in asked.faults]
    going = hunts
    while going:
        going = _round(going, seeds.start, sound=asked.sound, traced=asked.trace)
    sys.stdout.writelines(json.dumps(hunt.as_json()) + "\n" for hunt in hunts)


def _round(hunts: Sequence[Hunt], start: int, *, sound: bool, traced: bool) -> list[Hunt]:
    """Takes each hunt to the next life that breaks a rule. Returns those whose life breaks a rule without the fault, too."""
    broken = [
        (hunt, *found)
        for hunt in hunts
        if (found := in_a_fork(_first_broken, hunt.fault, hunt.left, planted=not sound, traced=traced))
    ]
    suspects = [(hunt.fault, seed) for hunt, seed, _ in broken]
    alarming = in_a_fork(_broken_without, suspects) if suspects and not sound else [False] * len(suspects)
    again = []
    for (hunt, seed, rule), alarm in zip(broken, alarming, strict=True):
        if alarm:
            hunt.alarms.append(seed)
            hunt.left = range(seed + 1, hunt.left.stop)
            again.append(hunt)
        else:
            hunt.after, hunt.seed, hunt.rule = seed - start + 1, seed, rule
    return again


def _broken_without(suspects: Sequence[tuple[Planted, int]]) -> list[bool]:
    """Whether each life breaks a rule without the fault of its hunt."""
    return [_first_broken(fault, [seed], planted=False, traced=False) is not None for fault, seed in suspects]


def _first_broken(
    fault: Planted, seeds: Iterable[int], *, planted: bool, traced: bool
) -> tuple[int, str] | None:
    """The first of the seeds whose life breaks a rule, and the rule. Plants the fault before the product is imported."""
    if planted:
        plant(fault.edits)
    from jalon.rehearsal.sim.life import collect_rarely, live  # noqa: PLC0415 (after the fault is in)

    collect_rarely()
    for seed in seeds:
        lived = live(seed, harsh=seed % 2 == 0, focus=fault.focus, traced=traced, until_broken=True)
        if traced:
            sys.stdout.write("\n".join([*lived.trace, ""]))
            sys.stdout.flush()
        if lived.found:
            return seed, lived.found[0].rule
    return None


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jalon.rehearsal.sim.hunt", description=__doc__)
    parser.add_argument("faults", type=_faults, help="names of faults, by commas")
    parser.add_argument("seed", type=int)
    parser.add_argument("lives", type=int)
    parser.add_argument("--sound", action="store_true", help="plant nothing")
    parser.add_argument("--trace", action="store_true", help="print the trace of each life")
    return parser


def _faults(text: str) -> list[Planted]:
    known = {fault.name: fault for fault in PLANTED}
    unknown = [name for name in text.split(",") if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}. Known: {', '.join(known)}")
    return [known[name] for name in text.split(",")]


if __name__ == "__main__":
    main()
