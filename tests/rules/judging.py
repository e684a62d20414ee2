"""The verdict on a mutation: the cheapest tests that name its rule are asked first, and the first that fails is its witness."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from jalon.rehearsal.sim.edits import Edit
from tests.rules.mutations import ROOT, Mutation
from tests.rules.selection import Candidate, Cost, naming

PASSED, NO_TEST = 0, 5


class Verdict(StrEnum):
    """What became of a mutation: a test of its rule failed, none did, there is none, none could be run, or no store can say so."""

    CAUGHT = "caught"
    REFUSED = "refused"
    SURVIVED = "survived"
    NO_TEST = "no test"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, with the test that failed where one did."""

    verdict: Verdict
    witness: str = ""


class Nursery(AbstractContextManager["Nursery"]):
    """A process that runs tests without engines on one mutation after the other, each in a fork."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.rules.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def first_failed(self, edit: Edit, nodes: Sequence[str]) -> tuple[str | None, int]:
        """The first of the tests that fails on the mutation, and pytest's exit status."""
        assert self._process.stdin
        assert self._process.stdout
        request = {"file": edit.file, "former": edit.former, "now": edit.now, "nodes": list(nodes)}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return answer["failed"], answer["code"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


class Tests:
    """The tests that may be asked about each mutation, and the witness of a former run."""

    def __init__(self, among: Sequence[Candidate], known: Mapping[str, str]) -> None:
        self._among, self._known = among, known
        self._by_node = {each.node: each for each in among}

    def of(self, mutation: Mutation, *costs: Cost) -> list[str]:
        """The tests that name a rule of the mutation and need no more than this, the witness of a former run first."""
        tests = [each.node for each in self._naming(mutation) if each.cost in costs]
        known = self._known.get(mutation.name)
        return sorted(tests, key=lambda node: node != known)

    def any_of(self, mutation: Mutation) -> bool:
        """Whether a test names a rule of the mutation."""
        return bool(self._naming(mutation))

    def witness(self, mutation: Mutation, *costs: Cost) -> list[str]:
        """The witness of a former run alone, if it needs no more than this and names a rule of the mutation."""
        return [node for node in self.of(mutation, *costs)[:1] if node == self._known.get(mutation.name)]

    def _naming(self, mutation: Mutation) -> list[Candidate]:
        return naming(self._among, mutation.rules, of_a_value=mutation.of_a_value)


Asked = Callable[[Sequence[str]], tuple[str | None, int]]


def ask(asked: Asked, nodes: Sequence[str]) -> Judgement:
    """The judgement by these tests."""
    if not nodes:
        return Judgement(Verdict.SURVIVED)
    witness, code = asked(nodes)
    if witness is not None:
        return Judgement(Verdict.CAUGHT, witness)
    return Judgement(Verdict.SURVIVED if code in (PASSED, NO_TEST) else Verdict.BROKEN)
