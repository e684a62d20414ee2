"""Ten of the mutations of `make rules`, each caught by its witness here."""

from __future__ import annotations

import pytest

from tests.rules.every import mutations
from tests.rules.judging import Nursery
from tests.rules.mutations import Mutation, Witnesses

SAMPLE_SIZE = 10


def sample() -> list[Mutation]:
    """Mutations whose witness needs no engine, spread over all of them: values, decisions and hand-written ones."""
    known = Witnesses.read().in_process
    cheap = [each for each in mutations() if each.name in known]
    return [cheap[index * len(cheap) // SAMPLE_SIZE] for index in range(SAMPLE_SIZE)]


@pytest.mark.timeout(300)
def test_ten_mutations_are_caught_by_their_witnesses() -> None:
    known, survived = Witnesses.read().in_process, []
    with Nursery() as nursery:
        for mutation in sample():
            witness, _ = nursery.first_failed(mutation.edit, [known[mutation.name]])
            survived += [mutation.name] if witness is None else []
    assert survived == []


def test_the_sample_is_of_every_sort() -> None:
    chosen = sample()
    assert len({each.name for each in chosen}) == SAMPLE_SIZE
    decisions = {each.name for each in chosen if ": not (" in each.name}
    values = {each.name for each in chosen if each.of_a_value}
    written = {each.name for each in chosen} - decisions - values
    assert min(len(decisions), len(values), len(written)) >= 1


def test_a_mutation_that_changes_nothing_survives() -> None:
    edit = next(each.edit for each in mutations() if each.edit.file.endswith("deadlines.py"))
    nothing = type(edit)(edit.file, edit.former, f"{edit.former}\n")
    with Nursery() as nursery:
        found = nursery.first_failed(nothing, ["tests/jalon/domain/calendar/test_deadlines.py"])
    assert found == (None, 0)
