"""One life: a world from a seed, its people, and the judge's findings."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from jalon.rehearsal.sim.chance import Chance
from jalon.rehearsal.sim.conduct import Conduct
from jalon.rehearsal.sim.customers import Customers
from jalon.rehearsal.sim.focus import Focus
from jalon.rehearsal.sim.judge.watch import Watch
from jalon.rehearsal.sim.kernel import DAY, SECOND
from jalon.rehearsal.sim.postmaster import Postmaster
from jalon.rehearsal.sim.staff import Staff
from jalon.rehearsal.sim.subscribers import Subscribers
from jalon.rehearsal.sim.wiring import BLANK, Paper, models_in_place
from jalon.rehearsal.sim.world import Found, World

MOST_STEPS = 250_000
"""The number of kernel steps after which a life counts as never resting; the longest lives take fewer."""


OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""The threshold of the garbage collector. With Python's default of 700 the collector takes a tenth of a life."""


def collect_rarely() -> None:
    """Makes this process and its forks collect cycles rarely, and never in the modules imported by now."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


@dataclass(frozen=True)
class Lived:
    """The result of a life."""

    seed: int
    found: tuple[Found, ...]
    known: tuple[Found, ...]
    marks: dict[str, int]
    digest: str
    steps: int
    trace: tuple[str, ...] = field(default=(), repr=False)


class Readers(Protocol):
    """The people who read what is written on `paper`."""

    @property
    def paper(self) -> Paper: ...

    def attend(self, world: World) -> None:
        """Begins to read in this world."""
        ...


def live(
    seed: int,
    *,
    harsh: bool = False,
    without: frozenset[str] = frozenset(),
    focus: Focus | None = None,
    traced: bool = False,
    readers: Readers | None = None,
    until_broken: bool = False,
) -> Lived:
    """Runs the life of a seed, from its first cart until everything has come to rest. `readers` read what is written in it.

    With `until_broken` it ends at the first rule that is broken.
    """
    chance = Chance(seed, harsh, without, focus)
    world = World(chance, readers.paper if readers else BLANK)
    if readers:
        readers.attend(world)
    if traced:
        world.lines = []
    with models_in_place(world.db):
        _live(world, (lambda: any(map(_counts, world.found))) if until_broken else lambda: False)
    found = tuple(filter(_counts, world.found))
    known = tuple(each for each in world.found if not _counts(each))
    return Lived(
        seed, found, known, world.marks.counts, world.digest, world.kernel.steps, tuple(world.lines or ())
    )


def _counts(found: Found) -> bool:
    return not found.rule.startswith("known")


def _live(world: World, is_over: Callable[[], bool]) -> None:
    span = int(world.chance.span("life", 200, 1_240) * DAY)
    until_us = world.now_us + span
    conduct = Conduct(world, until_us)
    customers, subscribers, staff = Customers(conduct), Subscribers(conduct), Staff(world, until_us)
    Postmaster(world)
    watch = Watch(world)
    customers.open_carts()
    staff.plan_trouble()
    world.plan(until_us, world.calm)
    world.plan(until_us + SECOND, subscribers.wind_down)
    world.begin()
    try:
        if not world.kernel.run(is_over, MOST_STEPS):
            world.violated("rest", f"the life goes on after {MOST_STEPS} steps")
        if not is_over():
            watch.judge()
    except Exception as crash:  # noqa: BLE001 (whatever it was, the other lives go on, and this one failed)
        world.db.crashes.append(crash)
    for each in world.db.crashes:
        world.violated("crash", f"{type(each).__name__}: {each}")
