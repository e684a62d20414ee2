"""The command line of the simulator: progress, findings with the command that reproduces them, a table, or one JSON object."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jalon.rehearsal.options import Program
from jalon.rehearsal.sim.chance import TROUBLES
from jalon.rehearsal.sim.judge.agreement import agreement_of, told
from jalon.rehearsal.sim.life import Lived, collect_rarely, live
from jalon.rehearsal.sim.planted import PLANTED, Planted
from jalon.rehearsal.sim.reading.paper import TEMPLATES
from jalon.rehearsal.sim.reading.reader import Reading
from jalon.rehearsal.sim.shrinking import PEOPLE, reproduction, shrunk
from jalon.rehearsal.sim.sometimes import ENOUGH, never_reached

SHRUNK_AT_MOST = 3
"""The number of failing lives that are shrunk. Shrinking runs one life for each kind of trouble."""
HUNTED_LIVES = 2_000
"""The number of lives within which a planted fault must be found."""
TRIED_LIVES = 200
"""The number of lives that look for a fault that no caller can notice, or that is too rare for a hunt."""
PROGRESS_SECONDS = 5.0


@dataclass
class Run:
    """The results of many lives."""

    lives: int
    seed: int
    harsh: bool
    read: bool = False
    failing: list[Lived] = field(default_factory=list)
    known: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    planted: list[dict[str, Any]] | None = None

    @property
    def missed(self) -> list[str]:
        """Interesting states that no life reached."""
        return never_reached(self.marks)

    @property
    def ok(self) -> bool:
        """Whether no rule was broken and, in a run of some size, every interesting state was reached and every fault found."""
        complete = self.lives < ENOUGH or not self.missed
        alarms = any(each["alarms"] for each in self.planted or ())
        return not self.failing and complete and not self._survivors and not alarms

    @property
    def agreement(self) -> dict[str, int]:
        """How often the projection was compared with the workflow's own view, and in how many lives the two differed."""
        return agreement_of(self.marks, (each.found for each in self.failing))

    @property
    def _survivors(self) -> list[str]:
        lost = (each for each in self.planted or () if each["after"] is None)
        return [each["name"] for each in lost if not (each["equivalent"] or each["rare"])]

    def as_json(self) -> dict[str, Any]:
        """The JSON object of `jalon sim --json`."""
        planted = self.planted
        return {
            "ok": self.ok,
            "lives": self.lives,
            "seed": self.seed,
            "harsh": self.harsh,
            "violations": [
                {"seed": lived.seed, "rule": found.rule, "text": found.text}
                for lived in self.failing
                for found in lived.found
            ],
            "known": dict(sorted(self.known.items())),
            "never_reached": self.missed,
            "agreement": self.agreement,
            "reached": dict(sorted(self.marks.items())),
            "planted": None
            if planted is None
            else {
                "total": len(planted),
                "found": sum(each["after"] is not None for each in planted),
                "equivalent": sum(each["equivalent"] is not None for each in planted),
                "rare": sum(each["rare"] is not None for each in planted),
                "faults": planted,
            },
            "lives_per_second": round(self.lives / self.seconds, 1) if self.seconds else None,
        }


def run(argv: Sequence[str]) -> int:
    """Returns 0 when every life is sound, 1 when one is not or an interesting state was missed, 2 for a wrong option."""
    asked = _options().parse_args(argv)
    console = Console(stderr=asked.json, highlight=False, soft_wrap=True)
    without = frozenset((*PEOPLE, *TROUBLES)) - frozenset(asked.only) if asked.only else frozenset()
    result = Run(asked.lives, asked.seed, asked.harsh, asked.read)
    collect_rarely()
    began = time.monotonic()
    for lived in _progress(_lived(asked, without), asked.lives, console):
        _add(result, lived, console, without)
    result.seconds = time.monotonic() - began
    if asked.trace:
        traced = live(
            asked.seed, harsh=asked.harsh, without=without, traced=True, readers=_readers(asked.read)
        )
        console.print("\n".join(traced.trace), markup=False)
    if asked.planted:
        result.planted = _hunt(asked.seed, asked.jobs, console)
    if asked.json:
        sys.stdout.write(json.dumps(result.as_json()) + "\n")
    else:
        _report(result, console)
    return 0 if result.ok else 1


def _options() -> Program:
    parser = Program(
        "sim",
        "Lives whole lifecycles on the product's own workflows, in virtual time, with everything that can go wrong.",
        "What is simulated and how to read a trace: docs/simulation.md",
    )
    parser.add_argument(
        "--lives", type=_positive, default=1_000, metavar="NUMBER", help="How many lives (1000)."
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="SEED",
        help="The seed of the first life; the next has S + 1 (1).",
    )
    parser.add_argument("--harsh", action="store_true", help="Nearly every kind of trouble in every life.")
    parser.add_argument(
        "--planted", action="store_true", help="Then plant each fault in turn and hunt for it."
    )
    parser.add_argument(
        "--read", action="store_true", help="Also render each e-mail and page, and judge what it says."
    )
    parser.add_argument("--trace", action="store_true", help="Print the trace of the first life.")
    parser.add_argument(
        "--only", type=_kinds, metavar="KINDS", help="Leave out all kinds of trouble but these, by commas."
    )
    parser.add_argument(
        "--jobs",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="NUMBER",
        help="Processes (one a core).",
    )
    parser.add_argument("--json", action="store_true", help="Print one JSON object and nothing else.")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a number of lives: give 1 or more")
    return number


def _kinds(text: str) -> list[str]:
    kinds = text.split(",")
    unknown = sorted(set(kinds) - {*PEOPLE, *TROUBLES, "nothing"})
    if unknown:
        known = ", ".join((*PEOPLE, *TROUBLES))
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}. Known: {known}, or nothing")
    return kinds


def _lived(asked: argparse.Namespace, without: frozenset[str]) -> Iterator[Lived]:
    """The results of the lives in the order of their seeds; the lives run in parallel."""
    seeds = range(asked.seed, asked.seed + asked.lives)
    one = partial(_life, harsh=asked.harsh, without=without, read=asked.read)
    if asked.lives == 1 or asked.jobs == 1:
        yield from map(one, seeds)
        return
    with multiprocessing.get_context("fork").Pool(asked.jobs) as pool:
        yield from pool.imap(one, seeds, chunksize=4)


@cache
def _readers(read: bool) -> Reading | None:
    """The readers of this process, where what is written is read."""
    return Reading.of(TEMPLATES) if read else None


def _life(seed: int, *, harsh: bool, without: frozenset[str], read: bool) -> Lived:
    return live(seed, harsh=harsh, without=without, readers=_readers(read))


def _progress(lives: Iterable[Lived], total: int, console: Console) -> Iterator[Lived]:
    began = said = time.monotonic()
    for number, lived in enumerate(lives, 1):
        yield lived
        now = time.monotonic()
        if now - said > PROGRESS_SECONDS:
            said = now
            console.print(f"[dim]·[/dim] {number} of {total} lives, {number / (now - began):.1f} a second")


def _add(result: Run, lived: Lived, console: Console, without: frozenset[str]) -> None:
    result.marks.update(lived.marks)
    result.known.update(found.rule for found in lived.known)
    if not lived.found:
        return
    result.failing.append(lived)
    for found in lived.found:
        console.print(f"[red]{found.rule}[/red] seed {lived.seed}: {escape(found.text)}")
    if len(result.failing) <= SHRUNK_AT_MOST and not without:
        without = shrunk(lived, harsh=result.harsh, readers=_readers(result.read))
    again = reproduction(lived.seed, harsh=result.harsh, without=without, read=result.read)
    console.print(f"  again: {again}", markup=False)


# -- planted faults ----------------------------------------------------------------------------------------------------------


def _hunt(seed: int, jobs: int, console: Console) -> list[dict[str, Any]]:
    """Each planted fault with the number of lives until it was found, None where it was not."""
    with ThreadPoolExecutor(jobs) as hunters:
        hunted = []
        for found in hunters.map(partial(_hunt_one, seed), PLANTED):
            hunted.append(found)
            fate = f"found after {found['after']} lives ({found['rule']})" if found["after"] else "not found"
            console.print(f"[dim]·[/dim] {found['name']}: {fate}")
            if found["alarms"]:
                console.print(f"[red]broken without the fault, too[/red]: seeds {found['alarms']}")
    return hunted


def _hunt_one(seed: int, fault: Planted) -> dict[str, Any]:
    """Runs the hunt in a process of its own, since a fault is planted before anything is imported."""
    lives = HUNTED_LIVES if fault.why_not_found is None else TRIED_LIVES
    asked = [sys.executable, "-m", "jalon.rehearsal.sim.hunt", fault.name, str(seed), str(lives)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)  # noqa: S603 (our own module, by our own list)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    said = {"area": fault.area, "what": fault.what, "equivalent": fault.equivalent, "rare": fault.rare}
    return found | said


# -- the report ----------------------------------------------------------------------------------------------------------------


def _report(result: Run, console: Console) -> None:
    if result.planted is not None:
        console.print(_planted_table(result.planted))
    missed = result.missed
    if missed and result.lives < ENOUGH:
        console.print(
            f"{len(missed)} interesting states were not met; a run of {ENOUGH} lives or more must meet all."
        )
    elif missed:
        console.print(f"[red]never reached[/red]: {', '.join(missed)}")
    if result.known:
        known = sorted(result.known.items())
        faults = ", ".join(f"{rule.removeprefix('known ')} ({count})" for rule, count in known)
        console.print(f"known faults met, by number and lives: {faults}")
    console.print(told(result.agreement))
    word = "[green]ok[/green]" if result.ok else "[red]not ok[/red]"
    rate = result.lives / result.seconds if result.seconds else 0.0
    console.print(
        f"{word}: {result.lives} lives from seed {result.seed} in {result.seconds:.0f} s ({rate:.1f} a second), "
        f"{len(result.failing)} failing"
    )


def _planted_table(planted: Sequence[dict[str, Any]]) -> Table:
    table = Table("fault", "area", "found after", "by")
    for each in planted:
        table.add_row(each["name"], each["area"], _found_after(each), _by(each))
    return table


def _found_after(hunted: dict[str, Any]) -> str:
    if hunted["after"]:
        return str(hunted["after"])
    return next((word for word in ("equivalent", "rare") if hunted[word]), "[red]never[/red]")


def _by(hunted: dict[str, Any]) -> str:
    """The rule that found the fault, or the reason why none did."""
    return hunted["rule"] or hunted["equivalent"] or hunted["rare"] or ""
