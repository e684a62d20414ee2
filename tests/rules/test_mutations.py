"""The mutations of `make rules`: each can be planted, and what its rule says is changed by it."""

from __future__ import annotations

import pytest

from tests.rules.mutations import ROOT, Mutation, mutations
from tests.rules.run import files_naming


@pytest.mark.parametrize("mutation", mutations(), ids=lambda each: each.name)
def test_each_mutation_can_be_planted_where_it_stands_once(mutation: Mutation) -> None:
    source = (ROOT / mutation.edit.file).read_text("utf-8")
    assert mutation.edit.apply(source) != source


def test_no_two_mutations_have_one_name() -> None:
    names = [each.name for each in mutations()]
    assert len(names) == len(set(names))


def test_the_files_naming_a_rule_are_found_by_its_mark() -> None:
    assert "tests/end_to_end/test_boundaries.py" in files_naming(["P5"])
    assert files_naming(["Z99"]) == []
