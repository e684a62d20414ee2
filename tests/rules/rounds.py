"""The rounds in which mutations are judged, the cheap ones first: in forks, on shelves of one machine, on trees of their own."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.rules import trees
from tests.rules.judging import Judgement, Nursery, Tests, Verdict, ask
from tests.rules.mutations import Mutation
from tests.rules.selection import Cost
from tests.rules.shelves import Shelves, Shift, is_refused, shifted_stores

COPIES_AT_ONCE = 250
"""The copies of stores that one machine serves: it reads each at its start."""

Settle = Callable[[Mutation, Judgement], None]


class Rounds:
    """Judges mutations, `jobs` at once. `settle` is called with each judgement, on any thread."""

    def __init__(self, tests: Tests, settle: Settle, jobs: int) -> None:
        self._tests, self._settle, self._jobs = tests, settle, jobs
        self._broken: set[str] = set()

    def judge(self, todo: Sequence[Mutation]) -> None:
        """Judges each of them once."""
        left = list(self._without_test(todo))
        left = self._in_forks(left)
        left = self._on_shelves(left, self._tests.witness)
        left = self._on_shelves(left, self._tests.of)
        self._in_trees(left)

    def _without_test(self, todo: Sequence[Mutation]) -> Iterator[Mutation]:
        """Settles what needs no test, and what has none. Yields the others."""
        for mutation in todo:
            if mutation.of_a_value and is_refused(mutation):
                self._settle(mutation, Judgement(Verdict.REFUSED))
            elif not self._tests.any_of(mutation):
                self._settle(mutation, Judgement(Verdict.NO_TEST))
            else:
                yield mutation

    def _in_forks(self, todo: Sequence[Mutation]) -> list[Mutation]:
        """Asks tests that need no engine. Returns what none of them caught."""
        left: list[Mutation] = []

        def work(waiting: queue.SimpleQueue[Mutation]) -> None:
            with Nursery() as nursery:
                for mutation in _taken(waiting):
                    judgement = self._forked(nursery, mutation)
                    if judgement.verdict is Verdict.CAUGHT:
                        self._settle(mutation, judgement)
                    else:
                        self._note(mutation, judgement)
                        left.append(mutation)

        self._together(work, todo)
        return left

    def _forked(self, nursery: Nursery, mutation: Mutation) -> Judgement:
        """Asks a former witness alone; where there is none, all, except about values that a shelf can hold."""
        known = self._tests.witness(mutation, *Cost)
        nodes = self._tests.witness(mutation, Cost.IN_PROCESS)
        if not known and not (mutation.of_a_value and shifted_stores(mutation)):
            nodes = self._tests.of(mutation, Cost.IN_PROCESS)
        plantable = mutation.edit.file.endswith((".py", ".toml"))
        return ask(partial(nursery.first_failed, mutation.edit), nodes if plantable else ())

    def _on_shelves(self, todo: Sequence[Mutation], chosen: Callable[..., list[str]]) -> list[Mutation]:
        """Asks tests of the engines about values of stores. Returns what none of them caught."""
        shifts = {
            each.name: Shift(each, len(nodes) + 1)
            for each in todo
            if each.of_a_value and shifted_stores(each) and (nodes := chosen(each, Cost.ENGINES))
        }
        left = [each for each in todo if each.name not in shifts]
        for some in _batches(list(shifts.values())):
            for mutation, judgement in self._on_one_machine(some, chosen):
                if judgement.verdict is Verdict.CAUGHT:
                    self._settle(mutation, judgement)
                else:
                    self._note(mutation, judgement)
                    left.append(mutation)
        return left

    def _on_one_machine(
        self, some: Sequence[Shift], chosen: Callable[..., list[str]]
    ) -> list[tuple[Mutation, Judgement]]:
        """The judgement on each shift. A test that fails on the stores as they are has caught nothing."""
        found: list[tuple[Mutation, Judgement]] = []
        with Shelves(some) as shelves:

            def work(waiting: queue.SimpleQueue[Mutation]) -> None:
                for mutation in _taken(waiting):
                    nodes = chosen(mutation, Cost.ENGINES)
                    found.append((mutation, ask(partial(shelves.first_failed, mutation), nodes)))

            self._together(work, [each.mutation for each in some])
            sound = shelves.passing_anyway({judgement.witness for _, judgement in found if judgement.witness})
        broken = Judgement(Verdict.BROKEN)
        return [
            (each, broken if told.witness and told.witness not in sound else told) for each, told in found
        ]

    def _in_trees(self, todo: Sequence[Mutation]) -> None:
        """Asks everything else about what is left, and settles it."""

        def work(waiting: queue.SimpleQueue[Mutation]) -> None:
            with Nursery() as nursery:
                for mutation in _taken(waiting):
                    self._settle(mutation, self._at_last(nursery, mutation))

        self._together(work, todo)

    def _at_last(self, nursery: Nursery, mutation: Mutation) -> Judgement:
        in_tree = partial(trees.first_failed, mutation.edit)
        was_shelved = mutation.of_a_value and bool(shifted_stores(mutation))
        chosen = [
            (in_tree, self._tests.witness(mutation, Cost.ENGINES, Cost.SLOW)),
            (partial(nursery.first_failed, mutation.edit), self._tests.of(mutation, Cost.IN_PROCESS)),
            (in_tree, [] if was_shelved else self._tests.of(mutation, Cost.ENGINES)),
            (in_tree, self._tests.of(mutation, Cost.SLOW)),
        ]
        for asked, nodes in chosen:
            judgement = ask(asked, nodes)
            if judgement.verdict is Verdict.CAUGHT:
                return judgement
            self._note(mutation, judgement)
        return Judgement(Verdict.BROKEN if mutation.name in self._broken else Verdict.SURVIVED)

    def _note(self, mutation: Mutation, judgement: Judgement) -> None:
        if judgement.verdict is Verdict.BROKEN:
            self._broken.add(mutation.name)

    def _together(
        self, work: Callable[[queue.SimpleQueue[Mutation]], None], todo: Sequence[Mutation]
    ) -> None:
        waiting: queue.SimpleQueue[Mutation] = queue.SimpleQueue()
        for mutation in todo:
            waiting.put(mutation)
        with ThreadPoolExecutor(self._jobs) as pool:
            for each in [pool.submit(work, waiting) for _ in range(min(self._jobs, len(todo)))]:
                each.result()


def _taken(waiting: queue.SimpleQueue[Mutation]) -> Iterator[Mutation]:
    while not waiting.empty():
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def _batches(shifts: Sequence[Shift]) -> Iterator[list[Shift]]:
    """The shifts in groups whose copies one machine serves."""
    some: list[Shift] = []
    for shift in shifts:
        if some and sum(each.copies for each in (*some, shift)) > COPIES_AT_ONCE:
            yield some
            some = []
        some.append(shift)
    if some:
        yield some
